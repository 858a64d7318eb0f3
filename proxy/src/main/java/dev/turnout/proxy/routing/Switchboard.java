package dev.turnout.proxy.routing;

import java.util.Objects;

/** Thread-safe. The one pointer: which routing table is in force. */
public final class Switchboard {

    /** Written by the control thread alone, read by every event loop once per attempt. */
    private volatile RoutingTable current;

    public Switchboard(RoutingTable first) {
        this.current = Objects.requireNonNull(first);
    }

    /** The table in force; read it once per attempt and not twice. */
    public RoutingTable current() {
        return current;
    }

    /** Puts a table in force. Control thread only. */
    public void publish(RoutingTable next) {
        current = Objects.requireNonNull(next);
    }
}
