package dev.turnout.proxy.backend;

import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The right to use a backend for one exchange, from {@link Backend#tryLease} until
 * {@link #close}.
 */
public final class Lease {

    private final Backend backend;
    private boolean tunnel;
    /** How it ended; null while it is held. */
    private @Nullable Outcome outcome;

    Lease(Backend backend) {
        this.backend = backend;
    }

    public Backend backend() {
        return backend;
    }

    /** From now on counted as a tunnel instead of an exchange. */
    public void becomeTunnel() {
        if (!tunnel && outcome == null) {
            tunnel = true;
            backend.leases().exchangeToTunnel();
        }
    }

    /** Gives the right back, and says how its use ended; every call but the first does nothing. */
    public void close(Outcome ended) {
        if (outcome != null) {
            return;
        }
        outcome = ended;
        if (tunnel) {
            backend.leases().releaseTunnel();
        } else {
            backend.leases().releaseExchange();
        }
        backend.ended(ended);
    }
}
