/** The only writer of the routing table. No Netty here. */
@NullMarked
package dev.turnout.proxy.control;

import org.jspecify.annotations.NullMarked;
