/** Which pool gets a request: the routing table and the one pointer to it. No Netty here. */
@NullMarked
package dev.turnout.proxy.routing;

import org.jspecify.annotations.NullMarked;
