package dev.turnout.proxy.release;

import java.util.Set;

/**
 * Immutable. What the judge of a release goes by.
 *
 * @param alpha the share of healthy releases in which there may be an alarm, however long they last and how often it is looked
 * @param errorTolerance so many times the errors of the old colour are no matter
 * @param slowTolerance the same for slow answers
 * @param signals what is looked at
 * @param hardErrorRate share of errors on the new colour at which there is an alarm at once, 0..1, if it is at least twice that
 *     of the old one; 0: never
 * @param hardMinRequests from so many requests of the new colour in a step on
 * @param healthyRatio the new colour is healthy when it is shown not to have so many times the bad attempts of the old one
 * @param beta the share of bad releases for which that may be shown
 * @param exposure or when it had so many requests without an alarm
 * @param pauseOnFail whether an alarm lets a canary stand still instead of ending it
 */
public record JudgeSettings(
        double alpha,
        double errorTolerance,
        double slowTolerance,
        Set<Signal> signals,
        double hardErrorRate,
        long hardMinRequests,
        double healthyRatio,
        double beta,
        long exposure,
        boolean pauseOnFail) {

    public JudgeSettings {
        signals = Set.copyOf(signals);
        check("alpha", alpha, 1e-6, 0.5);
        check("tolerance of errors", errorTolerance, 0.1, 100);
        check("tolerance of slow answers", slowTolerance, 0.1, 100);
        check("hard error rate", hardErrorRate, 0, 1);
        check("hard limit's requests", (double) hardMinRequests, 1, 1e9);
        check("healthy ratio", healthyRatio, 1.01, 1000);
        check("beta", beta, 1e-6, 0.5);
        check("exposure", (double) exposure, 1, 1e12);
    }

    /** What is good for most. */
    public static JudgeSettings defaults() {
        return new JudgeSettings(0.01, 1.0, 1.5, Set.of(Signal.values()), 0.5, 5, 2.0, 0.05, 300, false);
    }

    double tolerance(Signal signal) {
        return switch (signal) {
            case ERROR -> errorTolerance;
            case SLOW -> slowTolerance;
        };
    }

    private static void check(String what, double value, double least, double most) {
        // Written so that NaN is refused as well.
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
