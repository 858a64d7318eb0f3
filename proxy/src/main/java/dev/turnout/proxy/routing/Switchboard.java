package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.PendingQueue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Thread-safe. The one pointer: which routing table is in force. Backends grant leases as that table says
 * (docs/RATIONALE.md, "Publish first, then close").
 */
public final class Switchboard {

    /** Written by the control thread alone, read by every event loop once per attempt. */
    private volatile RoutingTable current;

    /** Turns of those who wait, for whichever pool. */
    private final AtomicLong turns = new AtomicLong();

    private final PendingQueue bluePending = new PendingQueue(turns);
    private final PendingQueue greenPending = new PendingQueue(turns);
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();

    /** Puts the first table in force. */
    public Switchboard(RoutingTable first) {
        open(first);
        this.current = first;
    }

    /** The table in force; read it once per attempt and not twice. */
    public RoutingTable current() {
        return current;
    }

    /**
     * Puts a table in force. When this returns, no new lease is granted on a pool or backend that takes no traffic. The order is what
     * keeps every request: at each moment the backends of the table in force grant leases, and who is refused by one that
     * lost traffic finds the new table already there. Control thread only.
     */
    public void publish(RoutingTable next) {
        RoutingTable before = current;
        open(next);
        current = next;
        for (Colour colour : Colour.values()) {
            if (next.takesTraffic(colour)) {
                next.pool(colour).closeOthers();
            } else {
                next.pool(colour).close();
            }
        }
        Set<Backend> present = new HashSet<>(next.backends());
        for (Backend backend : before.backends()) {
            if (!present.contains(backend)) {
                backend.close();
            }
        }
        // Where they wait there may be no room ever, and somewhere else there may be some now.
        bluePending.wakeAll();
        greenPending.wakeAll();
        followers.forEach(Runnable::run);
    }

    /** Requests that wait for room in that pool. */
    public PendingQueue pending(Colour colour) {
        return colour == Colour.BLUE ? bluePending : greenPending;
    }

    /** Has something done on the control thread after each {@link #publish}; it must not block. */
    public void follow(Runnable follower) {
        followers.add(follower);
    }

    private void open(RoutingTable table) {
        for (Colour colour : Colour.values()) {
            table.pool(colour).limit(pending(colour));
            if (table.takesTraffic(colour)) {
                table.pool(colour).open();
            }
        }
    }
}
