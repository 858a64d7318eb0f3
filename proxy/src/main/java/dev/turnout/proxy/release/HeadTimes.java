package dev.turnout.proxy.release;

/**
 * Immutable. Buckets for the time to the head of an answer: eight to an octave, so that a bound is off by at most an eighth.
 */
public final class HeadTimes {

    /** Below 2^16 ns all is one bucket, from 2^37 ns (137 s) on as well. */
    private static final int LOWEST = 16;

    private static final int HIGHEST = 37;
    private static final int PER_OCTAVE_BITS = 3;

    /** How many there are. */
    public static final int COUNT = ((HIGHEST - LOWEST) << PER_OCTAVE_BITS) + 2;

    private HeadTimes() {}

    /** 0 to {@link #COUNT} - 1. */
    public static int indexOf(long nanos) {
        if (nanos < 1L << LOWEST) {
            return 0;
        }
        int octave = 63 - Long.numberOfLeadingZeros(nanos);
        if (octave >= HIGHEST) {
            return COUNT - 1;
        }
        int within = (int) (nanos >>> (octave - PER_OCTAVE_BITS)) & ((1 << PER_OCTAVE_BITS) - 1);
        return 1 + ((octave - LOWEST) << PER_OCTAVE_BITS) + within;
    }

    /** The first nanosecond that is above a bucket. */
    public static long endOf(int index) {
        if (index == 0) {
            return 1L << LOWEST;
        }
        int octave = LOWEST + ((index - 1) >>> PER_OCTAVE_BITS);
        long within = (index - 1L) & ((1 << PER_OCTAVE_BITS) - 1);
        return (1L << octave) + ((within + 1) << (octave - PER_OCTAVE_BITS));
    }
}
