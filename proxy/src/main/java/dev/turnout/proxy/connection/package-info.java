/** Sockets to backends, one connection pool per event loop. */
@NullMarked
package dev.turnout.proxy.connection;

import org.jspecify.annotations.NullMarked;
