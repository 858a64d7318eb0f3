package dev.turnout.proxy.backend;

import java.util.Locale;

/** Immutable. In which way a backend failed. */
public enum FailureKind {
    /** No connection could be opened. */
    CONNECT,
    /** The connection broke, or what came was not HTTP. */
    BROKEN,
    /** Too slow. */
    TIMEOUT,
    /** It answered, with 5xx. */
    SERVER_ERROR;

    /** Those that Turnout sees itself; the others are what the backend says. */
    public boolean isLocal() {
        return this != SERVER_ERROR;
    }

    /** The name in metrics and status, such as {@code connect}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
