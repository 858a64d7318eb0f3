package dev.turnout.proxy.release;

import dev.turnout.proxy.release.Verdict.Culprit;
import dev.turnout.proxy.release.Verdict.Outcome;
import dev.turnout.proxy.release.Verdict.SignalReport;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Confined to one thread. Says whether the new colour of a release is worse than the old one, from the first attempts of
 * requests whose colour was drawn. Pure: time is an argument. How it does that, and how well: docs/judge.md.
 */
public final class CanaryJudge {

    /** A new colour begins with cold caches. */
    private static final long WARM_UP_MILLIS = 60_000;

    private static final int MOST_NAMES = 50;
    /** A healthy release may begin in the midst of an outage of both colours: chance must have next to nothing in it. */
    private static final double HARD_CHANCE = 0.001;

    private static final String OTHERS = "others";
    private static final int WORST = 5;
    /** Requests of late that are enough to go by them alone; at twice as many they are counted anew. */
    private static final long LATE = 50;

    private final JudgeSettings settings;
    private final Map<Signal, SignalWatch> signals = new EnumMap<>(Signal.class);
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private final Map<String, Long> routes = new LinkedHashMap<>();
    private final Map<String, Long> backends = new LinkedHashMap<>();
    private double planned;
    private long stepBegan;
    private boolean begun;
    private long allCandidate;
    private final ColourCount candidates = new ColourCount();
    private final ColourCount baselines = new ColourCount();
    private final ColourCount lateCandidates = new ColourCount();
    private final ColourCount lateBaselines = new ColourCount();
    private long byRule;
    private long byRuleErrors;
    private String alarm = "";

    public CanaryJudge(JudgeSettings settings) {
        this.settings = settings;
    }

    /**
     * A step begins: the requests of before no longer tell the share.
     *
     * @param plannedShare of the new colour, 0..1
     */
    public void beginStep(long nowMillis, double plannedShare) {
        if (!begun) {
            begun = true;
            for (Signal signal : settings.signals()) {
                signals.put(signal, new SignalWatch(signal, settings, nowMillis));
            }
        }
        planned = plannedShare;
        stepBegan = nowMillis;
        tallies.values().forEach(Tally::restart);
        candidates.restart();
        baselines.restart();
        restartLate();
    }

    private void restartLate() {
        lateCandidates.restart();
        lateBaselines.restart();
    }

    /** So many more requests whose colour was drawn have been sent to that backend. */
    public void requests(long nowMillis, String backend, boolean candidate, long count) {
        tally(backend, candidate).add(count);
        of(candidate).requests(count);
        lateOf(candidate).requests(count);
        allCandidate += candidate ? count : 0;
        checkHardLimit();
    }

    /**
     * The first attempt of such a request went wrong. Tell the request itself before.
     *
     * @param user hash of who it was for; 0 if unknown
     * @param route for people
     */
    public void bad(long nowMillis, Signal signal, String backend, boolean candidate, long user, String route) {
        Tally tally = tally(backend, candidate);
        if (signal == Signal.ERROR) {
            of(candidate).error();
            lateOf(candidate).error();
        }
        if (candidate) {
            count(routes, route);
            count(backends, backend);
        }
        SignalWatch watch = signals.get(signal);
        if (watch != null && (signal != Signal.SLOW || nowMillis - stepBegan >= WARM_UP_MILLIS)) {
            watch.bad(nowMillis, tally, candidate, user, tallies.values(), planned);
        }
        checkHardLimit();
        checkEvidence();
    }

    /** Requests that a rule sent to the new colour, and errors among them: they can be compared with nothing. */
    public void ruleRouted(long requests, long errors) {
        byRule += requests;
        byRuleErrors += errors;
        if (byRule >= settings.hardMinRequests() && settings.hardErrorRate() > 0) {
            double rate = (double) byRuleErrors / byRule;
            if (rate >= settings.hardErrorRate()) {
                raise(String.format(
                        Locale.ROOT, "%.0f %% errors of %d requests that rules sent there", 100 * rate, byRule));
            }
        }
    }

    private Tally tally(String backend, boolean candidate) {
        // By colour too: an address may be in both pools, and each may have had nobody.
        return tallies.computeIfAbsent((candidate ? "new " : "old ") + backend, key -> new Tally(candidate));
    }

    private ColourCount of(boolean candidate) {
        return candidate ? candidates : baselines;
    }

    private ColourCount lateOf(boolean candidate) {
        return candidate ? lateCandidates : lateBaselines;
    }

    /** By the whole step, and by the last requests alone: a step may have been well for long. */
    private void checkHardLimit() {
        if (settings.hardErrorRate() == 0) {
            return;
        }
        checkHardLimit(candidates, baselines, settings.hardMinRequests());
        checkHardLimit(lateCandidates, lateBaselines, Math.max(LATE, settings.hardMinRequests()));
        if (lateCandidates.requests() >= 2 * Math.max(LATE, settings.hardMinRequests())) {
            restartLate();
        }
    }

    private void checkHardLimit(ColourCount candidate, ColourCount baseline, long least) {
        long requests = candidate.requests();
        long errors = candidate.errors();
        long otherRequests = baseline.requests();
        long otherErrors = baseline.errors();
        if (requests < least || errors < requests * settings.hardErrorRate()) {
            return;
        }
        // What both colours suffer is no news of this one: it must be more than that, and more than chance makes of it.
        double other = (otherErrors + 1.0) / (otherRequests + 2.0);
        if (errors * (double) Math.max(1, otherRequests) >= 2.0 * otherErrors * requests
                && Chance.ofAtLeast(errors, requests, other) <= Math.min(HARD_CHANCE, settings.alpha())) {
            raise(String.format(
                    Locale.ROOT,
                    "hard limit: %d errors of %d requests, the limit is %.0f %%",
                    errors,
                    requests,
                    100 * settings.hardErrorRate()));
        }
    }

    private void checkEvidence() {
        if (evidence() >= 1 / settings.alpha()) {
            raise("worse than tolerated");
        }
    }

    private void raise(String why) {
        if (alarm.isEmpty()) {
            alarm = why;
        }
    }

    /** The mean of what each signal says, which is evidence again. */
    private double evidence() {
        return signals.isEmpty()
                ? 1
                : signals.values().stream()
                        .mapToDouble(watch -> Math.exp(watch.logEvidence()))
                        .average()
                        .orElse(1);
    }

    /** What every signal says. */
    private double healthyEvidence() {
        return signals.values().stream()
                .mapToDouble(watch -> Math.exp(watch.logHealthy()))
                .min()
                .orElse(1);
    }

    /** Whether there was an alarm; it stands. */
    public boolean isAlarm() {
        return !alarm.isEmpty();
    }

    /** What there is to say now. */
    public Verdict verdict() {
        double healthy = healthyEvidence();
        boolean shown = healthy >= 1 / settings.beta();
        boolean exposed = allCandidate >= settings.exposure();
        Outcome outcome = !alarm.isEmpty() ? Outcome.FAIL : shown || exposed ? Outcome.PASS : Outcome.INCONCLUSIVE;
        String why = !alarm.isEmpty()
                ? alarm
                : shown
                        ? "shown not to be " + settings.healthyRatio() + " times worse"
                        : exposed ? allCandidate + " requests without an alarm" : "not enough requests yet";
        Map<Signal, SignalReport> reports = new EnumMap<>(Signal.class);
        signals.forEach((signal, watch) -> reports.put(
                signal,
                new SignalReport(
                        Math.exp(watch.logEvidence()),
                        watch.candidateEvents(),
                        watch.baselineEvents(),
                        watch.ratio())));
        return new Verdict(
                outcome,
                why,
                evidence(),
                1 / settings.alpha(),
                reports,
                candidates.requests(),
                baselines.requests(),
                candidates.rate(),
                baselines.rate(),
                healthy,
                1 / settings.beta(),
                worst(routes),
                worst(backends));
    }

    private static void count(Map<String, Long> counts, String name) {
        counts.merge(counts.size() < MOST_NAMES || counts.containsKey(name) ? name : OTHERS, 1L, Long::sum);
    }

    private static List<Culprit> worst(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(WORST)
                .map(entry -> new Culprit(entry.getKey(), entry.getValue()))
                .toList();
    }
}
