package dev.turnout.proxy.release;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Confined to one thread. One signal of one release. Bad attempts are not independent: one user's retries, one backend's pause.
 * So the first of each user counts, and of these the first of each backend in a block of ten seconds.
 *
 * <p>In a bad enough block every backend has its one, and one to one is not what the shares are. So a backend that has had
 * its own is out of the comparison until the block ends: the next one is asked against the share of the new colour among the
 * attempts at those that are left, which is known before it happens.
 */
final class SignalWatch {

    private static final long BLOCK_MILLIS = 10_000;
    /** Attempts that are taken as made by plan before the first one, so that early ones are measured by the plan. */
    private static final double PRIOR = 10;

    private final SequentialTest worse;
    private final double healthyRatio;
    private final SeenUsers users = new SeenUsers();
    /** The block in which a backend had its last one. */
    private final Map<Tally, Long> fired = new HashMap<>();

    private double logHealthy;
    private long candidateEvents;
    private long baselineEvents;
    /** What the new colour would have had of them, were it no worse. */
    private double expected;

    SignalWatch(Signal signal, JudgeSettings settings, long nowMillis) {
        this.worse = new SequentialTest(settings.tolerance(signal), nowMillis);
        this.healthyRatio = settings.healthyRatio();
    }

    /** @param backends the attempts of this step */
    void bad(long nowMillis, Tally of, boolean candidate, long user, Collection<Tally> backends, double planned) {
        if (user != 0 && !users.isFirst(user)) {
            return;
        }
        long block = Math.floorDiv(nowMillis, BLOCK_MILLIS);
        if (hasFired(of, block)) {
            return;
        }
        double share = share(block, backends, planned);
        fired.put(of, block);
        if (candidate) {
            candidateEvents++;
        } else {
            baselineEvents++;
        }
        expected += share;
        worse.bad(nowMillis, candidate, share);
        if (share > 0 && share < 1) {
            double bad = SequentialTest.probability(share, healthyRatio);
            logHealthy += candidate ? Math.log(share / bad) : Math.log((1 - share) / (1 - bad));
        }
    }

    private boolean hasFired(Tally backend, long block) {
        return fired.getOrDefault(backend, Long.MIN_VALUE) == block;
    }

    /** The share of the new colour among attempts at backends that have not had theirs; a few planned ones come before. */
    private double share(long block, Collection<Tally> backends, double planned) {
        double[] left = new double[2];
        int[] known = new int[2];
        int[] out = new int[2];
        for (Tally each : backends) {
            int colour = each.isCandidate() ? 1 : 0;
            known[colour]++;
            if (hasFired(each, block)) {
                out[colour]++;
            } else {
                left[colour] += each.requests();
            }
        }
        for (int colour = 0; colour < 2; colour++) {
            double prior = PRIOR * (colour == 1 ? planned : 1 - planned);
            left[colour] += known[colour] == 0 ? prior : prior * (known[colour] - out[colour]) / known[colour];
        }
        double all = left[0] + left[1];
        return all == 0 ? 0 : left[1] / all;
    }

    double logEvidence() {
        return worse.logEvidence();
    }

    double logHealthy() {
        return logHealthy;
    }

    /** How many times the old colour's, each by what it was to have of them; 0 if there is nothing to compare. */
    double ratio() {
        double expectedOfBaseline = candidateEvents + baselineEvents - expected;
        return baselineEvents == 0 || expected <= 0 || expectedOfBaseline <= 0
                ? 0
                : candidateEvents / expected / (baselineEvents / expectedOfBaseline);
    }

    long candidateEvents() {
        return candidateEvents;
    }

    long baselineEvents() {
        return baselineEvents;
    }
}
