package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;

/** Thread-safe. What the control plane does with requests and tunnels under way, and what it asks of them. */
public interface InFlight {

    /**
     * Closes what is still in flight on a pool; returns at once, the event loops do it.
     *
     * @param idleOnly only exchanges and tunnels without a byte in either direction for some seconds
     */
    void close(Colour colour, boolean idleOnly);

    /** How many requests wait for the end of a hold. */
    default long held() {
        return 0;
    }
}
