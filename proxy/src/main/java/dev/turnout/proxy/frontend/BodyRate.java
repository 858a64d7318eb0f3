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
    /** Nobody reads, as the backend is slower still. */
    private boolean paused;
    /** The client may wait for a 100. */
    private boolean awaitsPermission;
    /** At some time of this window it was not the client that was waited for. */
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
        paused = false;
        awaitsPermission = waits;
        wasPaused = waits;
    }

    /** So much has come, so nothing more is waited for first. */
    void add(int count) {
        awaitsPermission = false;
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

    /** An interim answer went to the client. */
    void permit() {
        awaitsPermission = false;
    }

    /** Ends a window and begins the next; whether the client was too slow in it. */
    boolean isTooSlow() {
        boolean slow = !wasPaused && bytes < leastBytes;
        bytes = 0;
        wasPaused = paused || awaitsPermission;
        return slow;
    }
}
