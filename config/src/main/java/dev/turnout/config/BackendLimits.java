package dev.turnout.config;

import java.time.Duration;
import java.util.Objects;

/**
 * Immutable. What each backend of a pool is asked to bear, and who waits when all of them have enough.
 *
 * @param connections open to one backend at a time, all event loops together; 0: no limit
 * @param inFlight exchanges and tunnels on one backend at a time; 0: no limit
 * @param pending requests that wait for a place in the pool, all event loops together; 0: none waits
 * @param pendingTimeout how long one waits
 */
public record BackendLimits(int connections, int inFlight, int pending, Duration pendingTimeout) {

    /** There are none. */
    public static final BackendLimits NONE = new BackendLimits(0, 0, 0, Duration.ofSeconds(1));

    public BackendLimits {
        Objects.requireNonNull(pendingTimeout);
    }

    static BackendLimits read(Section limits) {
        return new BackendLimits(
                limits.integer("connections", 0, 1_000_000),
                limits.integer("in-flight", 0, 1_000_000),
                limits.integer("pending", 0, 100_000),
                limits.duration("pending-timeout", Duration.ofMillis(1), Duration.ofDays(1)));
    }

    /** Leases that one backend may have: each needs a connection. 0: no limit. */
    public int leases() {
        return inFlight == 0 || connections == 0 ? Math.max(inFlight, connections) : Math.min(inFlight, connections);
    }
}
