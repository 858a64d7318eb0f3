/** Tells others of changes of state, signed, and again if they did not hear. Never in the way. */
@NullMarked
package dev.turnout.proxy.webhook;

import org.jspecify.annotations.NullMarked;
