package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: a fixed schedule and one atomic cursor. The smooth weighted round robin of nginx
 * (ngx_http_upstream_round_robin.c): weights 5, 1, 1 give a a b a c a a, never five of a in a row. The sequence repeats
 * after the sum of the weights, so it is worked out once and a pick is one addition.
 */
final class SmoothRoundRobin implements Balancer {

    private final Backend[] schedule;

    /** Position of the next pick; wraps around as an unsigned number. Written by all event loops. */
    private final AtomicInteger cursor;

    /** @param start position of the first pick, any number */
    SmoothRoundRobin(List<Candidate> candidates, int start) {
        this.schedule = schedule(candidates);
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

    /** Candidates of one weight; the one that has waited longest is at the head. */
    private static final class Group {

        private final int weight;
        private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
        /** What nginx calls current_weight, of the candidate at the head. */
        private long credit;
        /** Picks of the whole group so far. */
        private int picks;

        Group(int weight) {
            this.weight = weight;
        }
    }

    /**
     * nginx adds to each candidate its weight, picks the one with most credit and takes the sum of all weights off it: n
     * steps for each pick. Candidates of equal weight take turns in their order, so only the heads of at most 100 groups
     * need to be compared.
     */
    private static Backend[] schedule(List<Candidate> candidates) {
        int divisor = candidates.stream().mapToInt(Candidate::weight).reduce(0, SmoothRoundRobin::gcd);
        Map<Integer, Group> byWeight = new TreeMap<>();
        int sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            int weight = candidates.get(i).weight() / divisor;
            byWeight.computeIfAbsent(weight, Group::new).waiting.add(i);
            sum += weight;
        }
        List<Group> groups = new ArrayList<>(byWeight.values());
        Backend[] schedule = new Backend[sum];
        for (int at = 0; at < sum; at++) {
            Group best = groups.get(0);
            for (Group group : groups) {
                // Every member of the group was picked this often, those behind the head once more.
                int turns = group.picks / group.waiting.size();
                group.credit = (at + 1L) * group.weight - (long) turns * sum;
                if (group.credit > best.credit
                        || (group.credit == best.credit && group.waiting.getFirst() < best.waiting.getFirst())) {
                    best = group;
                }
            }
            int head = best.waiting.removeFirst();
            best.waiting.addLast(head);
            best.picks++;
            schedule[at] = candidates.get(head).backend();
        }
        return schedule;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
