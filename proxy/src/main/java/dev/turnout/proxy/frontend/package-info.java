/** Accepting client connections and reading requests from them. */
@NullMarked
package dev.turnout.proxy.frontend;

import org.jspecify.annotations.NullMarked;
