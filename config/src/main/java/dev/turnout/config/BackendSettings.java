package dev.turnout.config;

import java.util.Objects;

/**
 * Immutable. One server of a pool as it is configured.
 *
 * @param weight share of the traffic against its siblings, 0..100; 0 takes none
 */
public record BackendSettings(BackendAddress address, int weight) {

    public BackendSettings {
        Objects.requireNonNull(address);
        if (weight < 0 || weight > 100) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 0..100)");
        }
    }
}
