package dev.turnout.proxy.release;

import java.time.Duration;
import java.util.Objects;

/**
 * Immutable. What happens after traffic has gone to the new colour.
 *
 * @param bake how long it is watched; zero: not at all
 * @param holdback share that stays on the old colour meanwhile, in hundredths of a percent, so that the two can be compared
 * @param confirmWithin goes back by itself unless confirmed by then; zero: needs no confirmation
 */
public record Aftercare(Duration bake, int holdback, Duration confirmWithin) {

    /** The most that may be held back. */
    public static final int MOST_HELD_BACK = 500;

    /** None. */
    public static final Aftercare NONE = new Aftercare(Duration.ZERO, 0, Duration.ZERO);

    public Aftercare {
        Objects.requireNonNull(bake);
        Objects.requireNonNull(confirmWithin);
        if (bake.isNegative() || confirmWithin.isNegative()) {
            throw new IllegalArgumentException("bake: " + bake + ", confirmWithin: " + confirmWithin);
        }
        if (holdback < 0 || holdback > MOST_HELD_BACK || (holdback > 0 && bake.isZero())) {
            throw new IllegalArgumentException("holdback: " + holdback + " (expected: 0..500, and a bake)");
        }
    }

    /** Whether a release goes on after traffic has moved. */
    public boolean isAny() {
        return !bake.isZero() || !confirmWithin.isZero();
    }
}
