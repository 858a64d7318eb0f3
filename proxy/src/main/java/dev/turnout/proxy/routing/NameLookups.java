package dev.turnout.proxy.routing;

import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Thread-safe. How the look-ups of the names of backends go. */
public interface NameLookups {

    /** Nothing is looked up. */
    NameLookups NONE = (colour, name) -> Optional.empty();

    /** How those of that name go; empty if it was not looked up yet. Never blocks. */
    Optional<Lookup> lookup(Colour colour, BackendName name);

    /**
     * Immutable.
     *
     * @param at when the last look-up ended
     * @param resolvedAt when the last one that had an answer did; {@link Instant#EPOCH} if none had
     * @param nextAt when it is looked up next
     * @param problem what was wrong with the last one, for the operator; empty if nothing
     */
    record Lookup(Instant at, Instant resolvedAt, Instant nextAt, Optional<String> problem) {
        public Lookup {
            Objects.requireNonNull(at);
            Objects.requireNonNull(resolvedAt);
            Objects.requireNonNull(nextAt);
            Objects.requireNonNull(problem);
        }
    }
}
