package dev.turnout.proxy.routing;

import dev.turnout.proxy.balance.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Immutable. The weights of backends of which some came up a short while ago: those begin with a tenth of their weight and have
 * all of it at the end of the window, as in Envoy's slow start. Pure.
 *
 * @param candidates them with their weights of that moment
 * @param isUnderWay whether one of them has not all of its weight yet
 */
record SlowStart(List<Candidate> candidates, boolean isUnderWay) {

    private static final int STEPS = 10;

    SlowStart {
        candidates = List.copyOf(candidates);
    }

    /** How it stands with them at that moment. */
    static SlowStart at(long now, List<Pool.Member> members, Duration window) {
        int[] tenths = members.stream()
                .mapToInt(member -> tenths(member.backend().upNanos(now), window))
                .toArray();
        boolean underWay = false;
        for (int each : tenths) {
            underWay |= each < STEPS;
        }
        List<Candidate> candidates = new ArrayList<>(tenths.length);
        for (int i = 0; i < tenths.length; i++) {
            Pool.Member member = members.get(i);
            candidates.add(new Candidate(member.backend(), underWay ? member.weight() * tenths[i] : member.weight()));
        }
        return new SlowStart(candidates, underWay);
    }

    /** Tenths of its weight that a backend has, 1..10. */
    static int tenths(long upNanos, Duration window) {
        long length = window.toNanos();
        if (length == 0 || upNanos >= length) {
            return STEPS;
        }
        return (int) Math.max(1, upNanos * STEPS / length + 1);
    }
}
