package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.CanaryJudge;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.release.Evidence.Bad;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Release.Phase;
import dev.turnout.proxy.release.Signal;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.release.Verdict;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the control thread. Gives the judge what event loops saw, and says what is to be done with the release under
 * way. Pure but for {@link Evidence} and the counters of backends: time is an argument.
 */
final class ReleaseWatch {

    /** What is to be done. */
    record Next(Change change, String reason, boolean urgent) {}

    private final Evidence evidence;
    private final Map<Backend, Long> judgedBefore = new HashMap<>();

    private @Nullable Release watched;
    private @Nullable CanaryJudge judge;
    private long ruleRoutedBefore;
    private long seen;
    private long savedSeen;
    private String blocked = "";

    /** Written by the control thread alone, read by all. */
    private volatile Optional<ReleaseReport> report = Optional.empty();

    ReleaseWatch(Evidence evidence) {
        this.evidence = evidence;
    }

    /** The release under way or the last one; empty if there was none since the start. Any thread. */
    Optional<ReleaseReport> report() {
        return report;
    }

    /** Whether there is a release to look at. */
    boolean isWatching() {
        return watched != null;
    }

    /**
     * Takes up what was published.
     *
     * @param how the action and the reason of the change that led to it
     */
    void follow(RoutingTable table, Instant now, String how) {
        Release release = table.release();
        Release before = watched;
        if (release == null) {
            if (before != null) {
                report = report.map(last -> last.ended(now, how));
                watched = null;
                judge = null;
            }
            return;
        }
        watched = release;
        if (before == null || !before.id().equals(release.id()) || before.phase() != release.phase()) {
            begin(release, table, now);
        } else if (before.step() != release.step() || before.weight() != release.weight()) {
            look(table, now);
            beginStep(release, now);
        }
        tell(release);
    }

    private void begin(Release release, RoutingTable table, Instant now) {
        judge = new CanaryJudge(release.plan().judge());
        ruleRoutedBefore = evidence.ruleRouted();
        judgedBefore.clear();
        counts(table, judgedBefore);
        while (evidence.poll() != null) {
            // What is left of a release before.
        }
        beginStep(release, now);
    }

    private void beginStep(Release release, Instant now) {
        seen = release.seenInStep();
        savedSeen = seen;
        blocked = "";
        if (judge != null) {
            judge.beginStep(now.toEpochMilli(), (double) release.weight() / Bucket.COUNT);
        }
    }

    private static void counts(RoutingTable table, Map<Backend, Long> into) {
        for (Colour colour : Colour.values()) {
            for (Pool.Member member : table.pool(colour).members()) {
                into.put(member.backend(), member.backend().judged());
            }
        }
    }

    /** Tells the judge what happened since the last look. */
    private void look(RoutingTable table, Instant now) {
        CanaryJudge asked = judge;
        Release release = watched;
        if (asked == null || release == null) {
            return;
        }
        // First what went wrong, then the counters: they are ahead of it, so that no error is without its request.
        List<Bad> bads = new ArrayList<>();
        for (Bad bad = evidence.poll(); bad != null; bad = evidence.poll()) {
            bads.add(bad);
        }
        long millis = now.toEpochMilli();
        Map<Backend, Long> counted = new HashMap<>();
        counts(table, counted);
        counted.forEach((backend, count) -> {
            long more = count - judgedBefore.getOrDefault(backend, 0L);
            if (more > 0) {
                boolean candidate = backend.colour() == release.candidate();
                asked.requests(millis, backend.address().toString(), candidate, more);
                seen += candidate ? more : 0;
            }
        });
        judgedBefore.clear();
        judgedBefore.putAll(counted);
        long ruleErrors = 0;
        for (Bad bad : bads) {
            if (bad.byRule()) {
                ruleErrors += bad.candidate() && bad.signal() == Signal.ERROR ? 1 : 0;
                continue;
            }
            if (bad.backend().equals(Evidence.NOBODY)) {
                asked.requests(millis, Evidence.NOBODY, bad.candidate(), 1);
            }
            asked.bad(millis, bad.signal(), bad.backend(), bad.candidate(), bad.user(), bad.route());
        }
        long ruleRouted = evidence.ruleRouted();
        asked.ruleRouted(ruleRouted - ruleRoutedBefore, ruleErrors);
        ruleRoutedBefore = ruleRouted;
    }

    /** What is to be done now; null if nothing. */
    @Nullable
    Next next(RoutingTable table, Instant now) {
        Release release = watched;
        CanaryJudge asked = judge;
        if (release == null || asked == null) {
            return null;
        }
        look(table, now);
        Next next = decide(release, asked.verdict(), now);
        tell(release);
        return next;
    }

    private @Nullable Next decide(Release release, Verdict verdict, Instant now) {
        if (verdict.isAlarm()) {
            String why = "judge: " + verdict.text(release.candidate());
            boolean stand = release.plan().judge().pauseOnFail() && release.phase() == Phase.CANARY;
            if (!stand) {
                return new Next(new ReleaseChange.Abort(true), why, true);
            }
            return release.isPaused() ? null : new Next(new ReleaseChange.Pause(why), why, false);
        }
        if (release.phase() == Phase.BAKE) {
            return decideBake(release, verdict, now);
        }
        Duration most = release.plan().maxDuration();
        if (!most.isZero() && Duration.between(release.startedAt(), now).compareTo(most) >= 0) {
            return new Next(new ReleaseChange.Abort(true), "not promoted within " + most.toSeconds() + " s", true);
        }
        if (release.isPaused()) {
            return null;
        }
        Step step = release.plan().steps().get(release.step());
        if (release.inStep(now).compareTo(step.lasts()) < 0 || seen < step.minRequests()) {
            return null;
        }
        if (!release.isLastStep()) {
            return new Next(new ReleaseChange.NextStep(), "step " + (release.step() + 1) + " is done", false);
        }
        return release.plan().autoPromote()
                ? new Next(
                        new ReleaseChange.Promote(true),
                        "all steps are done: " + verdict.text(release.candidate()),
                        false)
                : new Next(new ReleaseChange.Pause(READY), READY, false);
    }

    private static final String READY = "all steps are done; promote or abort";

    private static @Nullable Next decideBake(Release release, Verdict verdict, Instant now) {
        if (release.confirmBy().filter(by -> !now.isBefore(by)).isPresent()) {
            return new Next(
                    new ReleaseChange.Abort(true),
                    "not confirmed within "
                            + release.plan().aftercare().confirmWithin().toSeconds() + " s",
                    true);
        }
        if (!release.usesBoth()) {
            String worse = worseThanBefore(release, verdict);
            if (!worse.isEmpty()) {
                return new Next(new ReleaseChange.Abort(true), worse, true);
            }
        }
        Duration bake = release.plan().aftercare().bake();
        if (!bake.isZero()
                && release.confirmBy().isEmpty()
                && release.inStep(now).compareTo(bake) >= 0) {
            return new Next(new ReleaseChange.Complete(), "watched for " + bake.toSeconds() + " s", false);
        }
        return null;
    }

    /** Errors that count, at the least, and the factor over what was before: there is nobody to compare with at this time. */
    private static final long WORSE_ERRORS = 10;

    private static final double WORSE_RATE = 0.02;
    private static final double WORSE_FACTOR = 3;

    private static String worseThanBefore(Release release, Verdict verdict) {
        double rate = verdict.canaryErrorRate();
        double limit = Math.max(WORSE_RATE, WORSE_FACTOR * release.baseline().errorRate());
        return rate >= limit && rate * verdict.canaryRequests() >= WORSE_ERRORS
                ? String.format(
                        Locale.ROOT,
                        "%.1f %% errors of %d requests, %.1f %% before the switch (weaker: nobody was held back)",
                        100 * rate,
                        verdict.canaryRequests(),
                        100 * release.baseline().errorRate())
                : "";
    }

    /** The change was not made. */
    void refused(ChangeRefused why) {
        blocked = String.valueOf(why.getMessage());
        if (watched != null) {
            tell(watched);
        }
    }

    /** The release with what was seen, if that is news to the state file. */
    Optional<Release> unsaved() {
        if (watched == null || seen == savedSeen) {
            return Optional.empty();
        }
        savedSeen = seen;
        return Optional.of(watched.withSeen(seen));
    }

    private void tell(Release release) {
        if (judge != null) {
            report = Optional.of(new ReleaseReport(
                    release,
                    judge.verdict(),
                    seen,
                    release.phase() == Phase.BAKE && !release.usesBoth(),
                    blocked,
                    Optional.empty(),
                    ""));
        }
    }
}
