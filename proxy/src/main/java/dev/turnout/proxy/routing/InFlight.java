package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;

/** Thread-safe. How the control plane ends exchanges and tunnels that outlived the deadline of a drain. */
public interface InFlight {

    /**
     * Closes what is still in flight on a pool; returns at once, the event loops do it.
     *
     * @param idleOnly only exchanges and tunnels without a byte in either direction for some seconds
     */
    void close(Colour colour, boolean idleOnly);
}
