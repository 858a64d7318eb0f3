package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import java.util.Objects;

/**
 * Immutable. A backend that may be picked.
 *
 * @param weight 1..1000; ten times the usual one while a backend starts slowly
 */
public record Candidate(Backend backend, int weight) {

    public Candidate {
        Objects.requireNonNull(backend);
        if (weight < 1 || weight > 1000) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1..1000)");
        }
    }
}
