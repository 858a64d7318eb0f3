package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Confined to one thread, while it is made. The order in which candidates take turns: each as often as its weight over the greatest
 * common divisor of all, spread as evenly as can be. The same candidates have the same order.
 */
final class SmoothSchedule {

    /** What the way of nginx may cost, which is a millisecond or two; it compares the heads of all groups for each turn. */
    private static final long MOST_COMPARISONS = 1 << 20;

    /** Immutable. Candidates of one weight, which take turns among themselves. */
    private static final class Group {

        private final int weight;
        private final int[] members;
        /** Of all its members. */
        private final int turns;

        Group(int weight, List<Integer> members) {
            this.weight = weight;
            this.members = members.stream().mapToInt(Integer::intValue).toArray();
            this.turns = Math.multiplyExact(weight, members.size());
        }
    }

    private final Backend[] backends;
    private final List<Group> groups;
    private final int length;

    private SmoothSchedule(List<Candidate> candidates) {
        int divisor = candidates.stream().mapToInt(Candidate::weight).reduce(0, SmoothSchedule::gcd);
        Map<Integer, List<Integer>> byWeight = IntStream.range(0, candidates.size())
                .boxed()
                .collect(Collectors.groupingBy(
                        i -> candidates.get(i).weight() / divisor, TreeMap::new, Collectors.toList()));
        this.backends = candidates.stream().map(Candidate::backend).toArray(Backend[]::new);
        this.groups = byWeight.entrySet().stream()
                .map(entry -> new Group(entry.getKey(), entry.getValue()))
                .toList();
        this.length = groups.stream().mapToInt(group -> group.turns).reduce(0, Math::addExact);
    }

    /** Whose turn it is, for as many turns as there are before all begins anew; empty if there are no candidates. */
    static Backend[] of(List<Candidate> candidates) {
        SmoothSchedule schedule = new SmoothSchedule(candidates);
        boolean few = (long) schedule.length * schedule.groups.size() <= MOST_COMPARISONS;
        return few ? schedule.asNginx() : schedule.evenly();
    }

    /**
     * nginx (ngx_http_upstream_round_robin.c) adds to each candidate its weight, picks the one with most credit and takes the sum of
     * all weights off it. Candidates of equal weight take turns in their order, so only the heads of groups need to be compared.
     */
    private Backend[] asNginx() {
        int count = groups.size();
        int[] credits = new int[count];
        int[] heads = new int[count];
        Backend[] schedule = new Backend[length];
        for (int at = 0; at < length; at++) {
            int best = 0;
            for (int g = 0; g < count; g++) {
                credits[g] += groups.get(g).weight;
                if (credits[g] > credits[best]
                        || (credits[g] == credits[best] && member(g, heads[g]) < member(best, heads[best]))) {
                    best = g;
                }
            }
            schedule[at] = backends[member(best, heads[best])];
            heads[best]++;
            // The next in a group has the credit that this one had, until all of them had their turn.
            if (heads[best] == groups.get(best).members.length) {
                heads[best] = 0;
                credits[best] -= length;
            }
        }
        return schedule;
    }

    private int member(int group, int index) {
        return groups.get(group).members[index];
    }

    /**
     * The turns of a group lie at equal distances, and the groups are laid over each other: a few nanoseconds for each turn. Of few
     * candidates the order of nginx is a little smoother, of many this one.
     */
    private Backend[] evenly() {
        int[] next = new int[length + 1];
        for (Group group : groups) {
            double distance = distance(group);
            for (int turn = 0; turn < group.turns; turn++) {
                next[place(turn, distance) + 1]++;
            }
        }
        Arrays.parallelPrefix(next, Integer::sum);
        Backend[] schedule = new Backend[length];
        for (Group group : groups) {
            int[] members = group.members;
            double distance = distance(group);
            for (int turn = 0, head = 0; turn < group.turns; turn++) {
                schedule[next[place(turn, distance)]++] = backends[members[head]];
                head = head + 1 == members.length ? 0 : head + 1;
            }
        }
        return schedule;
    }

    private double distance(Group group) {
        return (double) length / group.turns;
    }

    /** Where a turn of a group is if it has all places to itself; others may have the same. */
    private static int place(int turn, double distance) {
        return (int) ((turn + 0.5) * distance);
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
