package dev.turnout.config;

import java.util.Objects;

/** Immutable. How a backend is picked out of a pool. The hash matters to {@link BalancerKind#HASH} alone. */
public record BalancerSettings(BalancerKind kind, HashSettings hash) {

    public BalancerSettings {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(hash);
    }

    /** That kind, with a hash of the client's address if it hashes. */
    public static BalancerSettings of(BalancerKind kind) {
        return new BalancerSettings(kind, HashSettings.DEFAULT);
    }
}
