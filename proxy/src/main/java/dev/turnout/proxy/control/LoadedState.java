package dev.turnout.proxy.control;

import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. What was found where the routing state is kept.
 *
 * @param state empty on a first start, or if nothing that was found could be read
 * @param problem what was wrong, in words for the operator; empty if nothing was
 */
public record LoadedState(Optional<SavedState> state, Optional<String> problem) {
    public LoadedState {
        Objects.requireNonNull(state);
        Objects.requireNonNull(problem);
    }
}
