/** What a routing decision may know of a request. No Netty here. */
@NullMarked
package dev.turnout.proxy.request;

import org.jspecify.annotations.NullMarked;
