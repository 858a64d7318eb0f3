package dev.turnout.config;

import java.util.List;
import java.util.Objects;

/**
 * Immutable. One colour's pool as it is configured; it may be empty.
 *
 * @param version what the operator calls the release that runs there, shown in status; may be empty
 * @param health how its backends are checked
 * @param proxyProtocol what each connection to its backends begins with
 */
public record PoolSettings(
        String version, List<BackendSettings> backends, HealthSettings health, ProxyProtocol proxyProtocol) {

    public PoolSettings {
        Objects.requireNonNull(version);
        Objects.requireNonNull(health);
        Objects.requireNonNull(proxyProtocol);
        backends = List.copyOf(backends);
    }
}
