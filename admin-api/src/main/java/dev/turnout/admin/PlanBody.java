package dev.turnout.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.CidrBlock;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.CanaryRule;
import dev.turnout.proxy.release.JudgeSettings;
import dev.turnout.proxy.release.Signal;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.release.Stickiness;
import dev.turnout.proxy.release.UserKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. Reads how a release is to go. */
final class PlanBody {

    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int MOST_STEPS = 50;
    private static final int MOST_RULES = 50;
    private static final int MOST_USERS = 10_000;
    private static final int MOST_KEYS = 10;
    private static final JudgeSettings USUAL = JudgeSettings.defaults();

    private static final int RAMP_STEPS = 10;

    private final BodyFields body;

    PlanBody(BodyFields body) {
        this.body = body;
    }

    /** The whole plan of a canary. */
    CanaryPlan plan() {
        List<Step> steps = steps();
        return new CanaryPlan(
                steps,
                body.list("match", MOST_RULES, this::rule),
                body.list("never", MOST_RULES, this::rule),
                sticky(),
                judge(),
                body.text("promote", body.has("weight") ? "manual" : "auto", "auto or manual", PlanBody::isPromotion)
                        .equals("auto"),
                body.duration("maxDuration", Duration.ZERO, LONGEST),
                body.flag("fallback", true),
                aftercare());
    }

    /** A switch in nine steps from a tenth of the requests on, which all together take that long, and then all of them. */
    CanaryPlan ramp(Duration whole) {
        List<Step> steps = new ArrayList<>();
        for (int tenth = 1; tenth < RAMP_STEPS; tenth++) {
            steps.add(new Step(tenth * Bucket.COUNT / RAMP_STEPS, whole.dividedBy(RAMP_STEPS - 1), 0, false));
        }
        return new CanaryPlan(steps, List.of(), List.of(), sticky(), judge(), true, Duration.ZERO, true, aftercare());
    }

    /** What follows a switch; empty if nothing is asked for. */
    Optional<CanaryPlan> afterSwitch() {
        boolean asked = body.has("bake") || body.has("holdback") || body.has("confirmWithin");
        CanaryPlan plan = CanaryPlan.ofSwitch(aftercare(), sticky(), judge());
        if (!asked && (body.has("sticky") || body.has("judge"))) {
            body.wrong("bake", "expected beside sticky and judge");
        }
        return plan.aftercare().isAny() ? Optional.of(plan) : Optional.empty();
    }

    private static boolean isPromotion(String text) {
        return text.equals("auto") || text.equals("manual");
    }

    private List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        int[] weight = {0};
        steps.addAll(body.list("steps", MOST_STEPS, (value, place) -> step(value, place, weight)));
        if (body.has("weight")) {
            if (body.has("steps")) {
                body.wrong("weight", "expected: weight or steps, not both");
            }
            // One weight is no plan to promote by: it stays until somebody says what is next.
            steps.add(new Step(body.percent("weight", 0, Bucket.COUNT), Duration.ZERO, 0, true));
        }
        if (steps.isEmpty()) {
            body.wrong("steps", "expected: at least one step, or a weight");
            steps.add(new Step(0, Duration.ZERO, 0, true));
        }
        return steps;
    }

    private Step step(JsonNode value, String place, int[] weight) {
        BodyFields fields = new BodyFields(value, place, body.faults());
        boolean pause = fields.flag("pause", false);
        if (pause && (fields.has("weight") || fields.has("for") || fields.has("minRequests"))) {
            fields.wrong("pause", "expected: alone in its step");
        }
        if (!pause && !fields.has("weight")) {
            fields.wrong("weight", "expected: percent from 0 to 100");
        }
        weight[0] = fields.percent("weight", weight[0], Bucket.COUNT);
        Step step = new Step(
                weight[0],
                fields.duration("for", Duration.ZERO, LONGEST),
                fields.whole("minRequests", 0, 0, Long.MAX_VALUE),
                pause);
        fields.checkUnknown();
        return step;
    }

    private @Nullable CanaryRule rule(JsonNode value, String place) {
        BodyFields fields = new BodyFields(value, place, body.faults());
        try {
            CanaryRule rule = rule(fields);
            fields.checkUnknown();
            return rule;
        } catch (IllegalArgumentException e) {
            body.faults()
                    .at(
                            place,
                            "expected: one of header {name, exact}, cookie {name, exact}, pathPrefix, client, users");
            return null;
        }
    }

    private static CanaryRule rule(BodyFields fields) {
        BodyFields header = fields.object("header");
        if (header != null) {
            CanaryRule rule = new CanaryRule.Header(name(header), exact(header));
            header.checkUnknown();
            return rule;
        }
        BodyFields cookie = fields.object("cookie");
        if (cookie != null) {
            CanaryRule rule = new CanaryRule.Cookie(name(cookie), exact(cookie));
            cookie.checkUnknown();
            return rule;
        }
        if (fields.has("pathPrefix")) {
            return new CanaryRule.PathPrefix(fields.text("pathPrefix", "", "a path from / on", t -> t.startsWith("/")));
        }
        if (fields.has("client")) {
            return new CanaryRule.Network(CidrBlock.parse(fields.text("client", "", "an address or block", t -> true)));
        }
        List<String> users = fields.texts("users", MOST_USERS, "the key of a user");
        if (users.isEmpty()) {
            throw new IllegalArgumentException("no rule");
        }
        return new CanaryRule.Users(Set.copyOf(users));
    }

    private static String name(BodyFields fields) {
        return fields.text("name", "", "a name", text -> true);
    }

    private static String exact(BodyFields fields) {
        return fields.text("exact", CanaryRule.ANY, "a value, or " + CanaryRule.ANY + " for any", text -> true);
    }

    private Stickiness sticky() {
        BodyFields sticky = body.object("sticky");
        if (sticky == null) {
            return Stickiness.DEFAULT;
        }
        List<UserKey> by = new ArrayList<>();
        for (String text : sticky.texts("by", MOST_KEYS, UserKey.EXPECTED)) {
            UserKey.parse(text).ifPresentOrElse(by::add, () -> sticky.wrong("by", UserKey.EXPECTED));
        }
        boolean random = sticky.flag("random", false);
        boolean issue = sticky.flag("issueCookie", !random);
        sticky.checkUnknown();
        if (random && (issue || !by.isEmpty())) {
            sticky.wrong("random", "expected: alone, as it looks nobody up");
            return Stickiness.DEFAULT;
        }
        return new Stickiness(by, issue, random);
    }

    private JudgeSettings judge() {
        BodyFields judge = body.object("judge");
        if (judge == null) {
            return USUAL;
        }
        double alpha = judge.number("alpha", USUAL.alpha(), 1e-6, 0.5);
        BodyFields tolerance = judge.object("tolerance");
        double errors = USUAL.errorTolerance();
        double slow = USUAL.slowTolerance();
        if (tolerance != null) {
            errors = tolerance.number("error", errors, 0.1, 100);
            slow = tolerance.number("slow", slow, 0.1, 100);
            tolerance.checkUnknown();
        }
        double hardRate = USUAL.hardErrorRate();
        long hardRequests = USUAL.hardMinRequests();
        BodyFields hard = judge.object("hardLimit");
        if (hard != null) {
            hardRate = hard.number("errorRate", hardRate, 0, 1);
            hardRequests = hard.whole("minRequests", hardRequests, 1, 1_000_000_000);
            hard.checkUnknown();
        }
        Set<Signal> signals = signals(judge);
        JudgeSettings settings = new JudgeSettings(
                alpha,
                errors,
                slow,
                signals,
                hardRate,
                hardRequests,
                judge.number("healthyRatio", USUAL.healthyRatio(), 1.01, 1000),
                judge.number("beta", USUAL.beta(), 1e-6, 0.5),
                judge.whole("exposure", USUAL.exposure(), 1, 1_000_000_000_000L),
                judge.text("onFail", "rollback", "rollback or pause", t -> t.equals("rollback") || t.equals("pause"))
                        .equals("pause"));
        judge.checkUnknown();
        return settings;
    }

    private static Set<Signal> signals(BodyFields judge) {
        if (!judge.has("signals")) {
            return USUAL.signals();
        }
        Set<Signal> signals = EnumSet.noneOf(Signal.class);
        for (String text : judge.texts("signals", Signal.values().length, "error or slow")) {
            switch (text) {
                case "error" -> signals.add(Signal.ERROR);
                case "slow" -> signals.add(Signal.SLOW);
                default -> judge.wrong("signals", "expected: error or slow");
            }
        }
        return signals;
    }

    private Aftercare aftercare() {
        Duration bake = body.duration("bake", Duration.ZERO, LONGEST);
        int holdback = body.percent("holdback", 0, Aftercare.MOST_HELD_BACK);
        Duration confirm = body.duration("confirmWithin", Duration.ZERO, LONGEST);
        if (holdback > 0 && bake.isZero()) {
            body.wrong("holdback", "expected beside a bake, which ends it");
            holdback = 0;
        }
        return new Aftercare(bake, holdback, confirm);
    }
}
