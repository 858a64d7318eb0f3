package dev.turnout.proxy.routing;

import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. The order that no release begins or goes on; going back is always possible.
 *
 * @param until when it ends by itself
 * @param by who gave it
 */
public record Freeze(Instant since, Instant until, String by, String reason) {
    public Freeze {
        Objects.requireNonNull(since);
        Objects.requireNonNull(until);
        Objects.requireNonNull(by);
        Objects.requireNonNull(reason);
    }

    public boolean isOver(Instant now) {
        return !now.isBefore(until);
    }
}
