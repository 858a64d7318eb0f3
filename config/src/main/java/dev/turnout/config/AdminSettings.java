package dev.turnout.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. The operator's side.
 *
 * @param tokenFile bearer tokens, one a line: {@code name role sha256-hex}; without it only loopback may be bound
 * @param allowedHosts names besides loopback ones that a Host field may carry
 */
public record AdminSettings(SocketBind bind, Optional<Path> tokenFile, List<String> allowedHosts) {

    public AdminSettings {
        Objects.requireNonNull(bind);
        Objects.requireNonNull(tokenFile);
        allowedHosts = List.copyOf(allowedHosts);
    }
}
