package dev.turnout.proxy.release;

import java.time.Duration;
import java.util.List;

/** Plans of canaries that differ in their steps, and in what follows on them. */
public final class Plans {

    private Plans() {}

    /** For everybody's share, with the usual judge and fallback. */
    public static CanaryPlan of(Aftercare aftercare, Step... steps) {
        return new CanaryPlan(
                List.of(steps),
                List.of(),
                List.of(),
                Stickiness.DEFAULT,
                JudgeSettings.defaults(),
                true,
                Duration.ZERO,
                true,
                aftercare);
    }
}
