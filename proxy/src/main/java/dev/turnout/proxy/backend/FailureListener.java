package dev.turnout.proxy.backend;

/** Thread-safe, called on event loops: it must not block. Hears of each failure of a backend. */
@FunctionalInterface
public interface FailureListener {

    /**
     * Hears of one.
     *
     * @param inARow such failures up to now without a success between, 1 or more
     */
    void failed(Backend backend, FailureKind kind, int inARow);
}
