package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. What a change did, or with dryRun would have done.
 *
 * @param changed false if everything was already as asked; no revision was used then
 * @param from the active colour before
 * @param to the active colour after
 * @param revision the revision in force after
 * @param tookNanos from taking up the change to the end of publishing
 * @param gate what a switch found
 */
public record ChangeResult(
        boolean changed,
        boolean dryRun,
        Colour from,
        Colour to,
        long revision,
        long tookNanos,
        Optional<SwitchGate> gate) {

    /** Of a change that is no switch. */
    public ChangeResult(boolean changed, boolean dryRun, Colour from, Colour to, long revision, long tookNanos) {
        this(changed, dryRun, from, to, revision, tookNanos, Optional.empty());
    }

    public ChangeResult {
        Objects.requireNonNull(gate);
        Objects.requireNonNull(from);
        Objects.requireNonNull(to);
    }

    /** What was tried, and need not be made as nothing would change by it. */
    public ChangeResult asMade() {
        return new ChangeResult(changed, false, from, to, revision, tookNanos, gate);
    }
}
