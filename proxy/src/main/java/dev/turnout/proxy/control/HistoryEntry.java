package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. One change that was made.
 *
 * @param revision the revision it led to
 * @param action {@code switch}, {@code rollback}, {@code drain}, {@code undrain}, {@code maintenance-on}, {@code maintenance-off}
 * @param from the active colour before
 * @param to the active colour after, or still; for drain and undrain the pool concerned
 */
public record HistoryEntry(
        long revision, Instant at, Actor actor, String action, Colour from, Colour to, String reason) {
    public HistoryEntry {
        Objects.requireNonNull(at);
        Objects.requireNonNull(actor);
        Objects.requireNonNull(action);
        Objects.requireNonNull(from);
        Objects.requireNonNull(to);
        Objects.requireNonNull(reason);
    }
}
