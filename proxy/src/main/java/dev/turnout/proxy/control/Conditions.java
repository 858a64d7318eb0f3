package dev.turnout.proxy.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. What a change depends on besides the routing table.
 *
 * @param now the time at which the change is made
 * @param activeSince when the active colour became so
 * @param drain deadline of a drain when the change names none
 * @param switchGuard how long after a switch one without a target is refused
 * @param force as in {@link ChangeRequest}
 * @param repeatable as in {@link ChangeRequest}
 */
record Conditions(
        Instant now, Instant activeSince, Duration drain, Duration switchGuard, boolean force, boolean repeatable) {
    Conditions {
        Objects.requireNonNull(now);
        Objects.requireNonNull(activeSince);
        Objects.requireNonNull(drain);
        Objects.requireNonNull(switchGuard);
    }

    /** Whether a switch happened so short a time ago that another one may be the same command sent twice. */
    boolean isGuarded() {
        Duration age = Duration.between(activeSince, now);
        // A negative age means that the clock was set back; that must not lock the switch.
        return !age.isNegative() && age.compareTo(switchGuard) < 0;
    }
}
