/** Picking one backend out of a pool. No Netty here. */
@NullMarked
package dev.turnout.proxy.balance;

import org.jspecify.annotations.NullMarked;
