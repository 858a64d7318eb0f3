package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: a fixed schedule and one atomic cursor. The smooth weighted round robin of nginx: weights 5, 1, 1 give
 * a a b a c a a, never five of a in a row. The sequence repeats after the sum of the weights, so it is worked out once and a
 * pick is one addition.
 */
final class SmoothRoundRobin implements Balancer {

    private final Backend[] schedule;

    /** Position of the next pick; wraps around as an unsigned number. Written by all event loops. */
    private final AtomicInteger cursor;

    /** @param start position of the first pick, any number */
    SmoothRoundRobin(List<Candidate> candidates, int start) {
        this.schedule = SmoothSchedule.of(candidates);
        this.cursor = new AtomicInteger(start);
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        int length = schedule.length;
        if (length == 0) {
            return null;
        }
        int at = Integer.remainderUnsigned(cursor.getAndIncrement(), length);
        Backend picked = schedule[at];
        for (int i = 1; picked == tried && i < length; i++) {
            picked = schedule[(at + i) % length];
        }
        return picked;
    }
}
