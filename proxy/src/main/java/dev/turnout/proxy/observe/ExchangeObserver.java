package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;

/**
 * Confined to one event loop: every worker has its own. Called on the request path, so it must not block, lock or throw.
 */
public interface ExchangeObserver {

    /** An exchange begins; {@link #finished} follows exactly once. */
    void started();

    /** An exchange is over, whatever became of it. */
    void finished(ExchangeView exchange);

    /**
     * A further attempt begins after one that failed.
     *
     * @param reason a ProxyError in kebab case, or {@code backend-502} and so on for a status of the backend
     */
    void retried(Colour colour, String reason);

    /** A further attempt was wanted, and the retry budget was used up. */
    default void retryRefused(Colour colour) {}

    /** A request begins to wait for the end of a hold; {@link #holdEnded} follows exactly once. */
    default void held() {}

    /** A request waits no longer. */
    default void holdEnded(HoldEnd end) {}

    /** Something that lives long was told to end, by its kind, because its pool is drained. */
    default void endedByDrain(String kind) {}

    /** A connection was opened. */
    void connectionOpened(Side side);

    /** A connection that was reported open is closed. */
    void connectionClosed(Side side);

    /** Which end of the proxy a connection belongs to. */
    enum Side {
        CLIENT,
        BACKEND
    }

    /** Why a request waits no longer. */
    enum HoldEnd {
        /** The hold was ended. */
        RELEASED,
        /** The hold ended by itself. */
        EXPIRED,
        /** The client left, or Turnout ends. */
        LEFT,
        /** Too much waited already. */
        REFUSED
    }
}
