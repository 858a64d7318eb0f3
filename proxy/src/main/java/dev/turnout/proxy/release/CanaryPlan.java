package dev.turnout.proxy.release;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Immutable. How a release goes.
 *
 * @param steps at least one, unless traffic moves at once
 * @param always requests that get the new colour; {@code never} is stronger
 * @param never requests that stay on the old one
 * @param autoPromote whether traffic moves by itself behind the last step, or waits for the command
 * @param maxDuration the canary is aborted after it; zero: never
 * @param fallback whether a request that fails on the new colour before a byte of its answer is served by the old one
 * @param gate what is asked of the new colour, in place of the settings, at the start and before it gets all requests
 */
public record CanaryPlan(
        List<Step> steps,
        List<CanaryRule> always,
        List<CanaryRule> never,
        Stickiness sticky,
        JudgeSettings judge,
        boolean autoPromote,
        Duration maxDuration,
        boolean fallback,
        Aftercare aftercare,
        GateTerms gate) {

    /** One that asks of the new colour what the settings say. */
    public CanaryPlan(
            List<Step> steps,
            List<CanaryRule> always,
            List<CanaryRule> never,
            Stickiness sticky,
            JudgeSettings judge,
            boolean autoPromote,
            Duration maxDuration,
            boolean fallback,
            Aftercare aftercare) {
        this(steps, always, never, sticky, judge, autoPromote, maxDuration, fallback, aftercare, GateTerms.NONE);
    }

    public CanaryPlan {
        steps = List.copyOf(steps);
        always = List.copyOf(always);
        never = List.copyOf(never);
        Objects.requireNonNull(sticky);
        Objects.requireNonNull(judge);
        Objects.requireNonNull(maxDuration);
        Objects.requireNonNull(aftercare);
        Objects.requireNonNull(gate);
    }

    /** The same, asking that of the new colour. */
    public CanaryPlan gated(GateTerms terms) {
        return new CanaryPlan(
                steps, always, never, sticky, judge, autoPromote, maxDuration, fallback, aftercare, terms);
    }

    /** What a plain switch leads to: no steps. */
    public static CanaryPlan ofSwitch(Aftercare aftercare, Stickiness sticky, JudgeSettings judge) {
        return new CanaryPlan(List.of(), List.of(), List.of(), sticky, judge, true, Duration.ZERO, true, aftercare);
    }
}
