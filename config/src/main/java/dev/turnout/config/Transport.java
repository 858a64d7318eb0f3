package dev.turnout.config;

import java.util.Locale;

/** Immutable. The means by which sockets are served; {@code AUTO} takes the first that the machine has. */
public enum Transport {
    AUTO,
    IO_URING,
    EPOLL,
    NIO;

    /** The name in the configuration, such as {@code io_uring}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
