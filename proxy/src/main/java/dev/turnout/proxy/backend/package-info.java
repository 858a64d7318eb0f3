/** One server: its leases and its health. No Netty here. */
@NullMarked
package dev.turnout.proxy.backend;

import org.jspecify.annotations.NullMarked;
