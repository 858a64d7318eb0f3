package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import java.util.Objects;

/**
 * Immutable. What a change did, or with dryRun would have done.
 *
 * @param changed false if everything was already as asked; no revision was used then
 * @param from the active colour before
 * @param to the active colour after
 * @param revision the revision in force after
 * @param tookNanos from taking up the change to the end of publishing
 */
public record ChangeResult(boolean changed, boolean dryRun, Colour from, Colour to, long revision, long tookNanos) {
    public ChangeResult {
        Objects.requireNonNull(from);
        Objects.requireNonNull(to);
    }
}
