/** One request with its response, in both directions. */
@NullMarked
package dev.turnout.proxy.exchange;

import org.jspecify.annotations.NullMarked;
