package dev.turnout.proxy.release;

import dev.turnout.config.Colour;
import dev.turnout.proxy.request.RequestHead;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. What goes from "start sending traffic to the idle colour" to confirmed or rolled back, and where it is.
 *
 * @param id the salt of its split as well
 * @param candidate the new colour
 * @param step index of the step it is in
 * @param weight share of the new colour in force, in hundredths of a percent
 * @param stepSince when the step, or the bake, began; moved on by the length of pauses
 * @param pausedAt since when it stands still
 * @param pausedWhy for people; empty if it does not stand still
 * @param seenInStep requests whose colour was drawn that the new colour was sent in this step, as of the last save
 * @param baseline what the old colour was like before
 * @param confirmBy goes back by itself then
 */
public record Release(
        String id,
        Colour candidate,
        CanaryPlan plan,
        Phase phase,
        Instant startedAt,
        int step,
        int weight,
        Instant stepSince,
        Optional<Instant> pausedAt,
        String pausedWhy,
        long seenInStep,
        Baseline baseline,
        Optional<Instant> confirmBy) {

    /** What a release is at. */
    public enum Phase {
        /** The old colour is active, the new one has a share. */
        CANARY,
        /** The new colour is active, and watched. */
        BAKE
    }

    public Release {
        Objects.requireNonNull(id);
        Objects.requireNonNull(candidate);
        Objects.requireNonNull(plan);
        Objects.requireNonNull(phase);
        Objects.requireNonNull(startedAt);
        Objects.requireNonNull(stepSince);
        Objects.requireNonNull(pausedAt);
        Objects.requireNonNull(pausedWhy);
        Objects.requireNonNull(baseline);
        Objects.requireNonNull(confirmBy);
        if (weight < 0 || weight > Bucket.COUNT) {
            throw new IllegalArgumentException("weight: " + weight);
        }
        if (phase == Phase.CANARY && (step < 0 || step >= plan.steps().size())) {
            throw new IllegalArgumentException(
                    "step: " + step + " of " + plan.steps().size());
        }
    }

    /** A canary in its first step. */
    public static Release canary(String id, Colour candidate, CanaryPlan plan, Baseline baseline, Instant now) {
        return new Release(
                        id,
                        candidate,
                        plan,
                        Phase.CANARY,
                        now,
                        0,
                        0,
                        now,
                        Optional.empty(),
                        "",
                        0,
                        baseline,
                        Optional.empty())
                .atStep(0, now);
    }

    /** A release whose traffic moves at once. */
    public static Release bake(String id, Colour candidate, CanaryPlan plan, Baseline baseline, Instant now) {
        return new Release(
                        id,
                        candidate,
                        plan,
                        Phase.BAKE,
                        now,
                        0,
                        0,
                        now,
                        Optional.empty(),
                        "",
                        0,
                        baseline,
                        Optional.empty())
                .baking(now);
    }

    /** Where a request goes. */
    public Routed route(RequestHead request, @Nullable String user, int bucket) {
        for (CanaryRule rule : plan.never()) {
            if (rule.matches(request, user)) {
                return Routed.BASELINE_BY_RULE;
            }
        }
        for (CanaryRule rule : plan.always()) {
            if (rule.matches(request, user)) {
                return Routed.CANDIDATE_BY_RULE;
            }
        }
        return bucket < weight ? Routed.CANDIDATE_BY_SHARE : Routed.BASELINE_BY_SHARE;
    }

    /** Whether the old colour takes requests as well. */
    public boolean usesBoth() {
        return phase == Phase.CANARY || weight < Bucket.COUNT;
    }

    public boolean isPaused() {
        return pausedAt.isPresent();
    }

    /** The step it is in; empty in a bake. */
    public Optional<Step> currentStep() {
        return phase == Phase.CANARY ? Optional.of(plan.steps().get(step)) : Optional.empty();
    }

    public boolean isLastStep() {
        return step == plan.steps().size() - 1;
    }

    /** How long this step, or the bake, has lasted, without its pauses. */
    public Duration inStep(Instant now) {
        Duration lasted = Duration.between(stepSince, pausedAt.orElse(now));
        return lasted.isNegative() ? Duration.ZERO : lasted;
    }

    /** In that step from its beginning; paused if the step is a pause. */
    public Release atStep(int index, Instant now) {
        Step entered = plan.steps().get(index);
        return new Release(
                id,
                candidate,
                plan,
                phase,
                startedAt,
                index,
                entered.pause() && index > 0 ? weight : entered.weight(),
                now,
                entered.pause() ? Optional.of(now) : Optional.empty(),
                entered.pause() ? "step " + (index + 1) + " is a pause" : "",
                0,
                baseline,
                confirmBy);
    }

    /** With another share; the time and the requests of the step begin anew. */
    public Release withWeight(int next, Instant now) {
        return new Release(
                id,
                candidate,
                plan,
                phase,
                startedAt,
                step,
                next,
                now,
                pausedAt.map(at -> now),
                pausedWhy,
                0,
                baseline,
                confirmBy);
    }

    /** Standing still. */
    public Release paused(String why, Instant now) {
        return new Release(
                id,
                candidate,
                plan,
                phase,
                startedAt,
                step,
                weight,
                stepSince,
                Optional.of(now),
                why,
                seenInStep,
                baseline,
                confirmBy);
    }

    /** Going on where it stood. */
    public Release resumed(Instant now) {
        Duration stood = Duration.between(pausedAt.orElse(now), now);
        return new Release(
                id,
                candidate,
                plan,
                phase,
                startedAt,
                step,
                weight,
                stepSince.plus(stood.isNegative() ? Duration.ZERO : stood),
                Optional.empty(),
                "",
                seenInStep,
                baseline,
                confirmBy);
    }

    /** The traffic has moved. */
    public Release baking(Instant now) {
        Duration confirm = plan.aftercare().confirmWithin();
        return new Release(
                id,
                candidate,
                plan,
                Phase.BAKE,
                startedAt,
                step,
                Bucket.COUNT - plan.aftercare().holdback(),
                now,
                Optional.empty(),
                "",
                0,
                baseline,
                confirm.isZero() ? Optional.empty() : Optional.of(now.plus(confirm)));
    }

    /** It need not be confirmed any more. */
    public Release confirmed() {
        return new Release(
                id,
                candidate,
                plan,
                phase,
                startedAt,
                step,
                weight,
                stepSince,
                pausedAt,
                pausedWhy,
                seenInStep,
                baseline,
                Optional.empty());
    }

    /** With the requests seen so far. */
    public Release withSeen(long seen) {
        return new Release(
                id, candidate, plan, phase, startedAt, step, weight, stepSince, pausedAt, pausedWhy, seen, baseline,
                confirmBy);
    }
}
