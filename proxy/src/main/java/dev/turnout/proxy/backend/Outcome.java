package dev.turnout.proxy.backend;

/** Immutable. How a lease ended, for whoever judges backends by real traffic. */
public enum Outcome {
    /** A whole answer below 500. */
    SUCCESS,
    /** A whole answer of 5xx made by the backend. */
    SERVER_ERROR,
    /** No connection could be opened. */
    CONNECT_FAILURE,
    /** The connection broke, or what came was not HTTP. */
    BROKEN,
    /** Too slow: connect, head or idle timeout. */
    TIMEOUT,
    /** Ended for a reason that is not the backend's: the client left, or the lease was not used. */
    NEUTRAL;

    /** Whether the backend failed. */
    public boolean isFailure() {
        return this != SUCCESS && this != NEUTRAL;
    }
}
