package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. Whether going back would work at this moment.
 *
 * @param to where a rollback would go; empty if nowhere
 * @param why for people
 */
public record RollbackReadiness(State state, Optional<Colour> to, String why) {

    /** How sure it is. */
    public enum State {
        /** The old colour is as it was when it had the traffic, and has usable backends. */
        READY,
        /** It has usable backends, but they are not those it had then. */
        STALE,
        /** The traffic has gone back already, and nothing has moved it since. */
        DONE,
        /** There is nothing to go back to, or nobody there. */
        IMPOSSIBLE
    }

    public RollbackReadiness {
        Objects.requireNonNull(state);
        Objects.requireNonNull(to);
        Objects.requireNonNull(why);
    }
}
