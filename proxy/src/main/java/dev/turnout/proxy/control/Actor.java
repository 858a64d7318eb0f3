package dev.turnout.proxy.control;

import java.util.Objects;

/**
 * Immutable. Who gave a command.
 *
 * @param name the token's name, or {@code anonymous}
 * @param remoteAddress where it came from
 */
public record Actor(String name, String remoteAddress) {
    public Actor {
        Objects.requireNonNull(name);
        Objects.requireNonNull(remoteAddress);
    }
}
