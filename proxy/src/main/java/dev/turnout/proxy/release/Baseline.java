package dev.turnout.proxy.release;

/**
 * Immutable. What the old colour was like in the minutes before a release.
 *
 * @param requests how many it answered; with few of them the rest says little
 * @param errors how many of them were errors of the backend
 * @param slowNanos the time to the head of an answer that 99 of 100 kept to; 0 if there were too few requests to tell
 */
public record Baseline(long requests, long errors, long slowNanos) {

    /** Nothing is known. */
    public static final Baseline UNKNOWN = new Baseline(0, 0, 0);

    public Baseline {
        if (requests < 0 || errors < 0 || slowNanos < 0) {
            throw new IllegalArgumentException(requests + " requests, " + errors + " errors, " + slowNanos + " ns");
        }
    }

    /** Share of errors, 0..1. */
    public double errorRate() {
        return requests == 0 ? 0 : (double) errors / requests;
    }
}
