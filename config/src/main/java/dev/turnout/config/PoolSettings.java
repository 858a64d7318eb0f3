package dev.turnout.config;

import java.util.List;
import java.util.Objects;

/**
 * Immutable. One colour's pool as it is configured; it may be empty.
 *
 * @param version what the operator calls the release that runs there, shown in status; may be empty
 * @param health how its backends are checked
 */
public record PoolSettings(String version, List<BackendSettings> backends, HealthSettings health) {

    public PoolSettings {
        Objects.requireNonNull(version);
        Objects.requireNonNull(health);
        backends = List.copyOf(backends);
    }
}
