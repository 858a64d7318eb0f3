package dev.turnout.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Immutable. Somebody who is told of changes.
 *
 * @param secretFile what each message is signed with
 * @param actions those told, as in the history; empty: all
 * @param timeout of one delivery
 * @param attempts deliveries of one message, the first included
 */
public record WebhookSettings(URI url, Optional<Path> secretFile, Set<String> actions, Duration timeout, int attempts) {
    public WebhookSettings {
        Objects.requireNonNull(url);
        Objects.requireNonNull(secretFile);
        actions = Set.copyOf(actions);
        Objects.requireNonNull(timeout);
    }
}
