package dev.turnout.config;

import java.util.Objects;

/** Immutable. One address on which clients are served. */
public record ListenerSettings(SocketBind bind) {

    public ListenerSettings {
        Objects.requireNonNull(bind);
    }
}
