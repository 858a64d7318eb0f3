package dev.turnout.config;

import java.time.Duration;

/** Immutable. Ranges of numbers, and how they are told in the units in which they are written. */
final class Bounds {

    private static final String[] SIZE_UNITS = {"B", "KiB", "MiB", "GiB"};

    private Bounds() {}

    /**
     * Gives {@code number} back if it lies in {@code min..max}.
     *
     * @throws IllegalArgumentException if it does not
     */
    static long check(long min, long number, long max) {
        if (number < min || number > max) {
            throw new IllegalArgumentException("out of range");
        }
        return number;
    }

    /** Such as {@code 256B..64KiB}. */
    static String ofBytes(long min, long max) {
        return size(min) + ".." + size(max);
    }

    /** Such as {@code a duration with its unit in 1ms..1d}. */
    static String ofTime(Duration min, Duration max) {
        return "a duration with its unit in " + time(min) + ".." + time(max);
    }

    private static String size(long bytes) {
        int unit = 0;
        long count = bytes;
        while (unit < SIZE_UNITS.length - 1 && count >= 1024 && count % 1024 == 0) {
            count /= 1024;
            unit++;
        }
        return count + SIZE_UNITS[unit];
    }

    private static String time(Duration duration) {
        if (duration.toMillisPart() > 0) {
            return duration.toMillis() + "ms";
        }
        return duration.toDaysPart() > 0 ? duration.toDays() + "d" : duration.toSeconds() + "s";
    }
}
