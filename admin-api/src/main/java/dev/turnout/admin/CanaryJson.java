package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ReleaseReport;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Signal;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.release.Verdict;
import dev.turnout.proxy.release.Verdict.Culprit;
import dev.turnout.proxy.release.Verdict.SignalReport;
import dev.turnout.proxy.routing.Freeze;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Immutable. A release as JSON. */
final class CanaryJson {

    private static final double HUNDREDTHS = 100.0;

    private CanaryJson() {}

    /** Puts {@code canary}, which is null without one, and {@code last}, how the last one ended. */
    static void canary(ObjectNode json, Optional<ReleaseReport> report, Instant now) {
        boolean underWay = report.isPresent() && report.get().endedAt().isEmpty();
        json.set("canary", underWay ? release(report.get(), now) : null);
        if (report.isPresent() && !underWay) {
            json.set("last", release(report.get(), now));
        }
    }

    private static ObjectNode release(ReleaseReport report, Instant now) {
        Release release = report.release();
        ObjectNode json = Json.object();
        json.put("releaseId", release.id());
        json.put("phase", Json.word(release.phase()));
        json.put("candidate", release.candidate().label());
        json.put("weight", release.weight() / HUNDREDTHS);
        json.put("startedAt", StatusJson.time(release.startedAt()));
        json.put("step", release.step() + 1);
        json.put("steps", release.plan().steps().size());
        json.put("inStepSeconds", release.inStep(report.endedAt().orElse(now)).toSeconds());
        json.put("seenInStep", report.seenInStep());
        json.put("paused", release.isPaused());
        if (release.isPaused()) {
            json.put("pausedWhy", release.pausedWhy());
        }
        json.put("waitingFor", report.endedAt().isEmpty() ? waitingFor(report, now) : null);
        json.put("blocked", report.blocked().isEmpty() ? null : report.blocked());
        json.put("confirmBy", release.confirmBy().map(StatusJson::time).orElse(null));
        json.put("endedAt", report.endedAt().map(StatusJson::time).orElse(null));
        json.put("end", report.end().isEmpty() ? null : report.end());
        json.set("plan", plan(release.plan()));
        json.set("judge", judge(report));
        return json;
    }

    /** One that would begin. */
    static ObjectNode planned(Colour candidate, CanaryPlan plan) {
        ObjectNode json = Json.object()
                .put("candidate", candidate.label())
                .put("steps", plan.steps().size());
        json.set("plan", plan(plan));
        return json;
    }

    private static ArrayNode plan(CanaryPlan plan) {
        ArrayNode steps = Json.array();
        for (Step step : plan.steps()) {
            ObjectNode one = steps.addObject();
            if (step.pause()) {
                one.put("pause", true);
            } else {
                one.put("weight", step.weight() / HUNDREDTHS)
                        .put("forSeconds", step.lasts().toSeconds())
                        .put("minRequests", step.minRequests());
            }
        }
        return steps;
    }

    /** What the step in hand still needs, in words; null if nothing. */
    private static String waitingFor(ReleaseReport report, Instant now) {
        Release release = report.release();
        if (release.isPaused()) {
            return "resume or promote: " + release.pausedWhy();
        }
        if (release.phase() == Release.Phase.BAKE) {
            return release.confirmBy()
                    .map(by -> "confirm, or it goes back at " + StatusJson.time(by))
                    .orElse("the end of its bake in "
                            + Math.max(
                                    0,
                                    release.plan().aftercare().bake().toSeconds()
                                            - release.inStep(now).toSeconds())
                            + " s");
        }
        Step step = release.plan().steps().get(release.step());
        long seconds =
                Math.max(0, step.lasts().toSeconds() - release.inStep(now).toSeconds());
        long requests = Math.max(0, step.minRequests() - report.seenInStep());
        return seconds + " s and " + requests + " requests";
    }

    static ObjectNode judge(ReleaseReport report) {
        Verdict verdict = report.verdict();
        Release release = report.release();
        ObjectNode json = Json.object();
        json.put("verdict", Json.word(verdict.outcome()));
        json.put("text", verdict.text(release.candidate()));
        json.put("why", verdict.why());
        json.put("evidence", rounded(verdict.evidence()));
        json.put("needed", rounded(verdict.needed()));
        json.put("healthyEvidence", rounded(verdict.healthyEvidence()));
        json.put("healthyNeeded", rounded(verdict.healthyNeeded()));
        json.put("weaker", report.weaker());
        json.put("canaryRequests", verdict.canaryRequests());
        json.put("activeRequests", verdict.activeRequests());
        json.put("canaryErrorRate", rounded(verdict.canaryErrorRate()));
        json.put("activeErrorRate", rounded(verdict.activeErrorRate()));
        json.put(
                "slowMs",
                release.baseline().slowNanos() == 0 ? null : release.baseline().slowNanos() / 1e6);
        ObjectNode signals = json.putObject("signals");
        for (Signal signal : Signal.values()) {
            SignalReport one = verdict.signals().get(signal);
            if (one != null) {
                signals.putObject(Json.word(signal))
                        .put("evidence", rounded(one.evidence()))
                        .put("canary", one.canaryEvents())
                        .put("active", one.activeEvents())
                        .put("ratio", rounded(one.ratio()));
            }
        }
        json.set("worstRoutes", culprits(verdict.worstRoutes()));
        json.set("worstBackends", culprits(verdict.worstBackends()));
        return json;
    }

    private static ArrayNode culprits(List<Culprit> culprits) {
        ArrayNode json = Json.array();
        culprits.forEach(each -> json.addObject().put("name", each.name()).put("count", each.count()));
        return json;
    }

    static ObjectNode freeze(Freeze freeze) {
        return Json.object()
                .put("since", StatusJson.time(freeze.since()))
                .put("until", StatusJson.time(freeze.until()))
                .put("by", freeze.by())
                .put("reason", freeze.reason());
    }

    /** Four digits; evidence has no upper bound, and JSON no infinity. */
    private static double rounded(double value) {
        double bounded = Math.min(value, 1e9);
        return Math.round(bounded * 1e4) / 1e4;
    }
}
