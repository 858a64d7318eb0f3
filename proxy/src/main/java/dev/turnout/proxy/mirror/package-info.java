/** Answers of both colours to the same request: compared, counted, and told of. */
@NullMarked
package dev.turnout.proxy.mirror;

import org.jspecify.annotations.NullMarked;
