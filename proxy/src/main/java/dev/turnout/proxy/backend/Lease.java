package dev.turnout.proxy.backend;

/**
 * Confined to one event loop. The right to use a backend for one exchange, from {@link Backend#tryLease} until
 * {@link #close}.
 */
public final class Lease {

    private final Backend backend;
    private boolean tunnel;
    private boolean closed;

    Lease(Backend backend) {
        this.backend = backend;
    }

    public Backend backend() {
        return backend;
    }

    /** From now on counted as a tunnel instead of an exchange. */
    public void becomeTunnel() {
        if (!tunnel && !closed) {
            tunnel = true;
            backend.leases().exchangeToTunnel();
        }
    }

    /** Gives the right back; every call but the first does nothing. */
    public void close(Outcome outcome) {
        if (closed) {
            return;
        }
        closed = true;
        if (tunnel) {
            backend.leases().releaseTunnel();
        } else {
            backend.leases().releaseExchange();
        }
        backend.onOutcome(outcome);
    }
}
