package dev.turnout.config;

import java.util.Locale;

/** Immutable. The algorithms that choose a backend out of a pool. */
public enum BalancerKind {
    /** Power of two choices: of two backends drawn by weight, the one with fewer leases for its weight. */
    LEAST_REQUESTS,
    /** Smooth weighted round robin, the sequence nginx made known. */
    ROUND_ROBIN,
    /** Drawn by weight. */
    RANDOM,
    /** Of two backends drawn by weight, the one whose recent latency times its leases is less. */
    PEAK_EWMA,
    /** Maglev's consistent hashing: the same key goes to the same backend. */
    HASH;

    /** The name in the configuration, such as {@code round-robin}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
