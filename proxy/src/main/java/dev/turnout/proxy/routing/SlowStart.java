package dev.turnout.proxy.routing;

import dev.turnout.proxy.balance.Candidate;
import java.time.Duration;
import java.util.List;

/**
 * Immutable. The weights of backends of which some came up a short while ago: those begin with a tenth of their weight and have
 * all of it at the end of the window, as in Envoy's slow start. Pure.
 */
final class SlowStart {

    private static final int STEPS = 10;

    private SlowStart() {}

    /** Tenths of its weight that a backend has, 1..10. */
    static int tenths(long upNanos, Duration window) {
        long length = window.toNanos();
        if (length == 0 || upNanos >= length) {
            return STEPS;
        }
        return (int) Math.max(1, upNanos * STEPS / length + 1);
    }

    /** Whether one of them has not all of its weight yet. */
    static boolean isUnderWay(List<Pool.Member> members, Duration window, long now) {
        return !window.isZero()
                && members.stream().anyMatch(member -> tenths(member.backend().upNanos(now), window) < STEPS);
    }

    /** Them with their weights of this moment. */
    static List<Candidate> candidates(List<Pool.Member> members, Duration window, long now) {
        boolean ramps = isUnderWay(members, window, now);
        return members.stream()
                .map(member -> new Candidate(
                        member.backend(),
                        ramps ? member.weight() * tenths(member.backend().upNanos(now), window) : member.weight()))
                .toList();
    }
}
