package dev.turnout.proxy.connection;

import dev.turnout.config.Settings;

/**
 * Confined to one event loop. What further attempts may cost one worker: so many under way at a time, as a share of all
 * requests under way (Envoy's retry budget), and so many bytes of request bodies kept for them. When a pool fails as a whole
 * nearly every request would be tried again, and its load would be a multiple of what it already fails under.
 */
public final class RetryBudget {

    /** The part of a worker's share of direct memory that kept bodies may take. */
    private static final int BODY_PART = 8;

    private final int percent;
    private final int atLeast;
    private final long bodyRoom;
    private int exchanges;
    private int further;
    private long keptBytes;

    /**
     * @param percent share of the exchanges under way that may be further attempts
     * @param atLeast further attempts allowed whatever the share
     * @param bodyRoom bytes of bodies kept at a time
     */
    public RetryBudget(int percent, int atLeast, long bodyRoom) {
        this.percent = percent;
        this.atLeast = atLeast;
        this.bodyRoom = bodyRoom;
    }

    static RetryBudget of(Settings settings) {
        return new RetryBudget(
                settings.retries().budgetPercent(),
                settings.retries().budgetMin(),
                settings.limits().directMemory() / Worker.countOf(settings) / BODY_PART);
    }

    /** An exchange begins; {@link #exchangeEnded} follows exactly once. */
    public void exchangeBegan() {
        exchanges++;
    }

    /** It is over, or became a tunnel, which says nothing of how much there is to do. */
    public void exchangeEnded() {
        exchanges--;
    }

    /** Takes a place for a further attempt, until {@link #furtherEnded}; false if there is none. */
    public boolean tryFurther() {
        if (further >= Math.max(atLeast, (long) exchanges * percent / 100)) {
            return false;
        }
        further++;
        return true;
    }

    /** Gives the place back. */
    public void furtherEnded() {
        further--;
    }

    /** Takes room for so many bytes of a body, until {@link #forget}; false if there is none. */
    public boolean tryKeep(int bytes) {
        if (keptBytes + bytes > bodyRoom) {
            return false;
        }
        keptBytes += bytes;
        return true;
    }

    /** Gives the room back. */
    public void forget(int bytes) {
        keptBytes -= bytes;
    }

    /** Bytes kept now. */
    public long keptBytes() {
        return keptBytes;
    }

    /** Further attempts under way. */
    public int further() {
        return further;
    }
}
