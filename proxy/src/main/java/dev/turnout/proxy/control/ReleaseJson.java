package dev.turnout.proxy.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.CidrBlock;
import dev.turnout.config.Colour;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Baseline;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.CanaryRule;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.release.JudgeSettings;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Signal;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.release.Stickiness;
import dev.turnout.proxy.release.UserKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Immutable. The form a release has in the state file. */
final class ReleaseJson {

    private ReleaseJson() {}

    static void write(Release release, ObjectNode tree) {
        tree.put("id", release.id());
        tree.put("candidate", release.candidate().name());
        tree.put("phase", release.phase().name());
        tree.put("startedAt", release.startedAt().toString());
        tree.put("step", release.step());
        tree.put("weight", release.weight());
        tree.put("stepSince", release.stepSince().toString());
        release.pausedAt().ifPresent(at -> tree.put("pausedAt", at.toString()));
        tree.put("pausedWhy", release.pausedWhy());
        tree.put("seenInStep", release.seenInStep());
        release.confirmBy().ifPresent(at -> tree.put("confirmBy", at.toString()));
        tree.putObject("baseline")
                .put("requests", release.baseline().requests())
                .put("errors", release.baseline().errors())
                .put("slowNanos", release.baseline().slowNanos());
        write(release.plan(), tree.putObject("plan"));
    }

    private static void write(CanaryPlan plan, ObjectNode tree) {
        ArrayNode steps = tree.putArray("steps");
        for (Step step : plan.steps()) {
            steps.addObject()
                    .put("weight", step.weight())
                    .put("lasts", step.lasts().toString())
                    .put("minRequests", step.minRequests())
                    .put("pause", step.pause());
        }
        plan.always().forEach(rule -> write(rule, tree.withArray("/always").addObject()));
        plan.never().forEach(rule -> write(rule, tree.withArray("/never").addObject()));
        ObjectNode sticky = tree.putObject("sticky");
        ArrayNode by = sticky.putArray("by");
        plan.sticky().by().forEach(key -> by.add(key.toString()));
        sticky.put("issueCookie", plan.sticky().issueCookie());
        sticky.put("random", plan.sticky().random());
        JudgeSettings judge = plan.judge();
        ObjectNode judging = tree.putObject("judge");
        judging.put("alpha", judge.alpha())
                .put("errorTolerance", judge.errorTolerance())
                .put("slowTolerance", judge.slowTolerance())
                .put("hardErrorRate", judge.hardErrorRate())
                .put("hardMinRequests", judge.hardMinRequests())
                .put("healthyRatio", judge.healthyRatio())
                .put("beta", judge.beta())
                .put("exposure", judge.exposure())
                .put("pauseOnFail", judge.pauseOnFail());
        ArrayNode signals = judging.putArray("signals");
        new TreeSet<>(judge.signals()).forEach(signal -> signals.add(signal.name()));
        tree.put("autoPromote", plan.autoPromote());
        tree.put("maxDuration", plan.maxDuration().toString());
        tree.put("fallback", plan.fallback());
        tree.put("bake", plan.aftercare().bake().toString());
        tree.put("holdback", plan.aftercare().holdback());
        tree.put("confirmWithin", plan.aftercare().confirmWithin().toString());
        plan.gate().minHealthy().ifPresent(percent -> tree.put("minHealthy", percent));
        plan.gate().minCapacity().ifPresent(percent -> tree.put("minCapacity", percent));
    }

    private static void write(CanaryRule rule, ObjectNode tree) {
        if (rule instanceof CanaryRule.Header header) {
            tree.put("header", header.name()).put("exact", header.exact());
        } else if (rule instanceof CanaryRule.Cookie cookie) {
            tree.put("cookie", cookie.name()).put("exact", cookie.exact());
        } else if (rule instanceof CanaryRule.PathPrefix path) {
            tree.put("pathPrefix", path.prefix());
        } else if (rule instanceof CanaryRule.Network network) {
            tree.put("client", network.block().toString());
        } else if (rule instanceof CanaryRule.Users users) {
            ArrayNode names = tree.putArray("users");
            new TreeSet<>(users.names()).forEach(names::add);
        }
    }

    /** @throws IllegalArgumentException or {@link java.time.DateTimeException} if it is no release */
    static Release read(JsonNode tree) {
        JsonNode baseline = tree.required("baseline");
        return new Release(
                text(tree, "id"),
                Colour.valueOf(text(tree, "candidate")),
                plan(tree.required("plan")),
                Release.Phase.valueOf(text(tree, "phase")),
                Instant.parse(text(tree, "startedAt")),
                tree.required("step").asInt(),
                tree.required("weight").asInt(),
                Instant.parse(text(tree, "stepSince")),
                instant(tree, "pausedAt"),
                text(tree, "pausedWhy"),
                tree.required("seenInStep").asLong(),
                new Baseline(
                        baseline.required("requests").asLong(),
                        baseline.required("errors").asLong(),
                        baseline.required("slowNanos").asLong()),
                instant(tree, "confirmBy"));
    }

    private static CanaryPlan plan(JsonNode tree) {
        List<Step> steps = new ArrayList<>();
        for (JsonNode step : tree.required("steps")) {
            steps.add(new Step(
                    step.required("weight").asInt(),
                    Duration.parse(text(step, "lasts")),
                    step.required("minRequests").asLong(),
                    step.required("pause").asBoolean()));
        }
        JsonNode sticky = tree.required("sticky");
        List<UserKey> by = new ArrayList<>();
        for (JsonNode key : sticky.required("by")) {
            by.add(UserKey.parse(key.asText()).orElseThrow(() -> new IllegalArgumentException("no user key")));
        }
        return new CanaryPlan(
                steps,
                rules(tree.path("always")),
                rules(tree.path("never")),
                new Stickiness(
                        by,
                        sticky.required("issueCookie").asBoolean(),
                        sticky.required("random").asBoolean()),
                judge(tree.required("judge")),
                tree.required("autoPromote").asBoolean(),
                Duration.parse(text(tree, "maxDuration")),
                tree.required("fallback").asBoolean(),
                new Aftercare(
                        Duration.parse(text(tree, "bake")),
                        tree.required("holdback").asInt(),
                        Duration.parse(text(tree, "confirmWithin"))),
                new GateTerms(percent(tree.path("minHealthy")), percent(tree.path("minCapacity"))));
    }

    private static OptionalInt percent(JsonNode number) {
        return number.isMissingNode() ? OptionalInt.empty() : OptionalInt.of(number.asInt());
    }

    private static JudgeSettings judge(JsonNode tree) {
        Set<Signal> signals = new TreeSet<>();
        tree.required("signals").forEach(signal -> signals.add(Signal.valueOf(signal.asText())));
        return new JudgeSettings(
                tree.required("alpha").asDouble(),
                tree.required("errorTolerance").asDouble(),
                tree.required("slowTolerance").asDouble(),
                signals,
                tree.required("hardErrorRate").asDouble(),
                tree.required("hardMinRequests").asLong(),
                tree.required("healthyRatio").asDouble(),
                tree.required("beta").asDouble(),
                tree.required("exposure").asLong(),
                tree.required("pauseOnFail").asBoolean());
    }

    private static List<CanaryRule> rules(JsonNode tree) {
        List<CanaryRule> rules = new ArrayList<>();
        for (JsonNode rule : tree) {
            if (rule.has("header")) {
                rules.add(new CanaryRule.Header(text(rule, "header"), text(rule, "exact")));
            } else if (rule.has("cookie")) {
                rules.add(new CanaryRule.Cookie(text(rule, "cookie"), text(rule, "exact")));
            } else if (rule.has("pathPrefix")) {
                rules.add(new CanaryRule.PathPrefix(text(rule, "pathPrefix")));
            } else if (rule.has("client")) {
                rules.add(new CanaryRule.Network(CidrBlock.parse(text(rule, "client"))));
            } else {
                Set<String> names = new TreeSet<>();
                rule.required("users").forEach(name -> names.add(name.asText()));
                rules.add(new CanaryRule.Users(names));
            }
        }
        return rules;
    }

    private static Optional<Instant> instant(JsonNode tree, String name) {
        return tree.has(name) ? Optional.of(Instant.parse(text(tree, name))) : Optional.empty();
    }

    private static String text(JsonNode tree, String name) {
        return tree.required(name).asText();
    }
}
