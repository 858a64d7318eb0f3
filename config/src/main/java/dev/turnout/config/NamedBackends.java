package dev.turnout.config;

import java.util.Objects;

/**
 * Immutable. Backends of a pool that are configured by a name, however many that leads to.
 *
 * @param weight of each of them, 0..100; those of an SRV name have the weights of their records, and 1 stands here
 */
public record NamedBackends(BackendName name, int weight) {

    public NamedBackends {
        Objects.requireNonNull(name);
        if (weight < 0 || weight > 100) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 0..100)");
        }
        if (name.isSrv() && weight != 1) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: none, SRV records have their own)");
        }
    }
}
