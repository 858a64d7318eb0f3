package dev.turnout.proxy.frontend;

/**
 * Confined to one event loop. Whether a client sends a request body fast enough: bytes in a window of time. A window in which we
 * did not read, as the backend was slower still, says nothing.
 */
final class BodyRate {

    /** Long enough for a lost packet to be sent again, several times. */
    static final long WINDOW_NANOS = 10_000_000_000L;

    private final long leastBytes;
    private long bytes;
    private boolean paused;
    private boolean wasPaused;

    /** @param bytesPerSecond 0 means that any rate will do */
    BodyRate(int bytesPerSecond) {
        this.leastBytes = bytesPerSecond * (WINDOW_NANOS / 1_000_000_000L);
    }

    /**
     * A body begins.
     *
     * @param waits whether the client may wait for a 100 before it sends (RFC 9110 section 10.1.1)
     */
    void start(boolean waits) {
        bytes = 0;
        paused = waits;
        wasPaused = waits;
    }

    /** So much has come. */
    void add(int count) {
        bytes += count;
    }

    /** From now on it is not the client that is waited for. */
    void pause() {
        paused = true;
        wasPaused = true;
    }

    void resume() {
        paused = false;
    }

    /** Ends a window and begins the next; whether the client was too slow in it. */
    boolean isTooSlow() {
        boolean slow = !wasPaused && bytes < leastBytes;
        bytes = 0;
        wasPaused = paused;
        return slow;
    }
}
