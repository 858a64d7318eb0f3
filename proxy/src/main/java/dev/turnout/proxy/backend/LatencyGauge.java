package dev.turnout.proxy.backend;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Thread-safe, without a lock. How slowly a backend answers of late: a mean that rises to a higher value at once, and falls
 * with time (peak EWMA, as in Finagle's com.twitter.finagle.loadbalancer.PeakEwma). Value and time are one word, so that
 * they fit each other.
 */
public final class LatencyGauge {

    /** Not heard of, or so long ago that it tells nothing. */
    public static final double UNKNOWN = 0;

    /**
     * What a failure counts as: it costs a user about as much as a wait of a second. Failing is quick, and would look like
     * the best of backends. It is a value of the mean, no peak, or a few errors in a thousand answers would drown what is
     * known of latency.
     */
    static final double FAILURE_NANOS = 1e9;

    /** Nanoseconds in which a value loses all but 1/e of its say; Finagle's 10 s. */
    private static final double DECAY_NANOS = 1e10;
    /** Older than that is forgotten, and one request is sent to see. */
    private static final double MEMORY_NANOS = 6 * DECAY_NANOS;
    /** A tick is 2^20 ns, about a millisecond. */
    private static final int TICK_SHIFT = 20;

    private static final double TICK_NANOS = 1 << TICK_SHIFT;
    /** About a second. */
    private static final int AHEAD_TICKS = 1 << 10;

    /** Bits 32..63: nanoseconds as a float, 1 at least. Bits 0..31: tick of the last change. 0: none yet. By all event loops. */
    private final AtomicLong word = new AtomicLong();

    LatencyGauge() {}

    /** The head of an answer came after that time. */
    public void answered(long elapsedNanos, long now) {
        add((double) elapsedNanos, (double) elapsedNanos, now);
    }

    /** There was no answer, or none that is worth anything. */
    void failed(long now) {
        add(0, FAILURE_NANOS, now);
    }

    /** Latency in nanoseconds, at that moment; {@link #UNKNOWN} if nothing is known. */
    public double nanos(long now) {
        long seen = word.get();
        if (seen == 0) {
            return UNKNOWN;
        }
        double age = age(seen, now);
        if (age > MEMORY_NANOS) {
            return UNKNOWN;
        }
        return age == 0 ? value(seen) : value(seen) * Math.exp(-age / DECAY_NANOS);
    }

    /** @param peak what the value rises to at once */
    private void add(double peak, double sample, long now) {
        while (true) {
            long seen = word.get();
            double next = sample;
            if (seen != 0) {
                double age = age(seen, now);
                double value = value(seen);
                if (age == 0 && peak <= value) {
                    // One of a tick speaks for all of it: the word is not fought over.
                    return;
                }
                double kept = age > MEMORY_NANOS ? 0 : Math.exp(-age / DECAY_NANOS);
                next = Math.max(peak, value * kept + sample * (1 - kept));
            }
            if (word.compareAndSet(seen, word(Math.max(next, 1), now))) {
                return;
            }
        }
    }

    private static long word(double nanos, long now) {
        return (long) Float.floatToIntBits((float) nanos) << 32 | ((now >> TICK_SHIFT) & 0xffff_ffffL);
    }

    private static double value(long word) {
        return Float.intBitsToFloat((int) (word >>> 32));
    }

    /**
     * Nanoseconds, in whole ticks; without end if it cannot be told. Other event loops may be a little ahead of this one. What seems
     * to be ahead by more is from more than 26 days ago, as a tick comes round again after 52. At that moment something old is
     * believed once more, for a minute at most.
     */
    private static double age(long word, long now) {
        int ticks = (int) (now >> TICK_SHIFT) - (int) word;
        return ticks < -AHEAD_TICKS ? Double.POSITIVE_INFINITY : Math.max(ticks, 0) * TICK_NANOS;
    }
}
