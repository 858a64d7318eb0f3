package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. One command that changed something, or was refused.
 *
 * @param revision the revision it led to; of one that was refused the revision in force
 * @param action {@code switch}, {@code rollback}, {@code drain}, {@code undrain}, {@code maintenance-on}, {@code maintenance-off}
 * @param from the active colour before
 * @param to the active colour after, or still; for drain and undrain the pool concerned
 * @param result {@link #MADE}, or {@code refused: frozen} and so on
 * @param about what it was done to, such as the address of a backend; empty if the action says it all
 */
public record HistoryEntry(
        long revision,
        Instant at,
        Actor actor,
        String action,
        Colour from,
        Colour to,
        String reason,
        String result,
        String about) {

    /** The result of a change that was made. */
    public static final String MADE = "made";

    /** A change that was made. */
    public HistoryEntry(long revision, Instant at, Actor actor, String action, Colour from, Colour to, String reason) {
        this(revision, at, actor, action, from, to, reason, MADE, "");
    }

    public HistoryEntry {
        Objects.requireNonNull(at);
        Objects.requireNonNull(actor);
        Objects.requireNonNull(action);
        Objects.requireNonNull(from);
        Objects.requireNonNull(to);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(result);
        Objects.requireNonNull(about);
    }
}
