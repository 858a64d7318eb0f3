/** HTTP/1.1 heads and bodies: strict reading in one pass, rewriting, framing. */
@NullMarked
package dev.turnout.proxy.http;

import org.jspecify.annotations.NullMarked;
