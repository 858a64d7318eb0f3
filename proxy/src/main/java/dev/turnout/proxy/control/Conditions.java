package dev.turnout.proxy.control;

import dev.turnout.config.GateSettings;
import dev.turnout.proxy.release.Baseline;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. What a change depends on besides the routing table.
 *
 * @param now the time at which the change is made
 * @param activeSince when the active colour became so
 * @param wentBack when the traffic went back; empty if something has moved it since, or it never did
 * @param leftWith as in {@link SavedState}
 * @param drain deadline of a drain when the change names none
 * @param switchGuard how long the same command may be one sent twice; zero: never
 * @param force as in {@link ChangeRequest}
 * @param repeatable as in {@link ChangeRequest}
 * @param backends makes those that are new
 * @param gate what a switch asks of the new colour
 * @param baseline what the active colour was like in the last minutes
 */
record Conditions(
        Instant now,
        Instant activeSince,
        Optional<Instant> wentBack,
        String leftWith,
        Duration drain,
        Duration switchGuard,
        boolean force,
        boolean repeatable,
        BackendFactory backends,
        GateSettings gate,
        Baseline baseline) {
    Conditions {
        Objects.requireNonNull(now);
        Objects.requireNonNull(activeSince);
        Objects.requireNonNull(wentBack);
        Objects.requireNonNull(leftWith);
        Objects.requireNonNull(drain);
        Objects.requireNonNull(switchGuard);
        Objects.requireNonNull(backends);
        Objects.requireNonNull(gate);
        Objects.requireNonNull(baseline);
    }

    /** Whether the active colour changed so short a time ago that this command may be the same one sent twice. */
    boolean isGuarded() {
        if (repeatable) {
            return false;
        }
        Duration age = Duration.between(activeSince, now);
        // A negative age means that the clock was set back; that must not lock the switch.
        return !age.isNegative() && age.compareTo(switchGuard) < 0;
    }
}
