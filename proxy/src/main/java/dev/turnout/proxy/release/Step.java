package dev.turnout.proxy.release;

import java.time.Duration;
import java.util.Objects;

/**
 * Immutable. One step of a canary: left when its time has passed, its requests were seen and the judge has no alarm.
 *
 * @param weight share of the new colour, in hundredths of a percent; that of the step before where {@code pause} is set
 * @param lasts the least time
 * @param minRequests requests whose colour was drawn that the new colour must have been sent
 * @param pause left only by command
 */
public record Step(int weight, Duration lasts, long minRequests, boolean pause) {
    public Step {
        if (weight < 0 || weight > Bucket.COUNT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 0.." + Bucket.COUNT + ")");
        }
        Objects.requireNonNull(lasts);
        if (lasts.isNegative() || minRequests < 0) {
            throw new IllegalArgumentException("a step lasts " + lasts + " and " + minRequests + " requests");
        }
    }
}
