package dev.turnout.proxy.release;

/** Immutable. What can be wrong with a first attempt. */
public enum Signal {
    /** A status of 500 to 599 of the backend, no connection, a reset, a timeout. */
    ERROR,
    /** The head of the answer took longer than nearly all of the active colour did before the release. */
    SLOW
}
