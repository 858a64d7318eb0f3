package dev.turnout.proxy.backend;

import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. That a backend gets no requests for a while, because of what real traffic showed of it.
 *
 * @param times ejections in a row, this one included
 * @param reason in words for the operator
 */
public record Ejection(Instant since, Instant until, int times, String reason) {
    public Ejection {
        Objects.requireNonNull(since);
        Objects.requireNonNull(until);
        Objects.requireNonNull(reason);
    }
}
