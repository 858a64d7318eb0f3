package dev.turnout.proxy.observe;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Immutable. The bounds of the duration histogram: 0.5 ms to 60 s in steps of at most 2.5 up to 5 s, as that is where
 * releases are judged, and one open bucket above.
 */
final class LatencyBuckets {

    private static final double[] BOUNDS_SECONDS = {
        0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 60
    };
    private static final long[] BOUNDS_NANOS = Arrays.stream(BOUNDS_SECONDS)
            .mapToLong(seconds -> Math.round(seconds * TimeUnit.SECONDS.toNanos(1)))
            .toArray();

    /** Buckets, the open one included. */
    static final int COUNT = BOUNDS_SECONDS.length + 1;

    private LatencyBuckets() {}

    /** The first bucket whose upper bound is not below {@code nanos}: bounds are inclusive, as Prometheus wants them. */
    static int indexOf(long nanos) {
        int found = Arrays.binarySearch(BOUNDS_NANOS, nanos);
        return found >= 0 ? found : -found - 1;
    }

    /** Upper bounds in seconds, the last one infinite. */
    static double[] upperBounds() {
        double[] bounds = Arrays.copyOf(BOUNDS_SECONDS, COUNT);
        bounds[COUNT - 1] = Double.POSITIVE_INFINITY;
        return bounds;
    }
}
