package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.AnyRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SmoothRoundRobinTest {

    private static final AnyRequest REQUEST = new AnyRequest();

    @Test
    void weightsFiveOneOneGiveTheKnownSequence() {
        List<Candidate> candidates = Candidates.ofWeights(5, 1, 1);

        assertThat(letters(candidates, new SmoothRoundRobin(candidates, 0), 14)).isEqualTo("aabacaaaabacaa");
    }

    @Test
    void equalWeightsTakeTurns() {
        List<Candidate> candidates = Candidates.ofWeights(100, 100, 100);

        assertThat(letters(candidates, new SmoothRoundRobin(candidates, 0), 7)).isEqualTo("abcabca");
    }

    @Test
    void sequenceIsThatOfTheTextbookForAnyWeights() {
        Random random = new Random(99);
        for (int round = 0; round < 300; round++) {
            int[] weights = random.ints(1 + random.nextInt(12), 1, 101).toArray();
            List<Candidate> candidates = Candidates.ofWeights(weights);
            Balancer balancer = new SmoothRoundRobin(candidates, 0);

            List<Backend> expected = textbook(candidates);
            List<Backend> actual = IntStream.range(0, expected.size())
                    .mapToObj(i -> balancer.pick(REQUEST, null))
                    .toList();

            assertThat(actual).as("weights %s", candidates).isEqualTo(expected);
        }
    }

    /** The order of nginx takes a step for each weight and turn, and is not that of so many. */
    @Test
    void everyTurnOfAThousandComesAboutWhenItIsDue() {
        int[] ramping = new Random(7).ints(1000, 1, 101).toArray();
        for (int i = 0; i < ramping.length; i++) {
            ramping[i] *= i % 3 == 0 ? 4 : 10;
        }
        for (int[] weights : List.of(new Random(6).ints(1000, 1, 101).toArray(), ramping)) {
            List<Candidate> candidates = Candidates.ofWeights(weights);
            int divisor = Arrays.stream(weights).reduce(0, SmoothRoundRobinTest::gcd);
            int sum = Arrays.stream(weights).sum() / divisor;
            Balancer balancer = new SmoothRoundRobin(candidates, 0);
            Map<Backend, List<Integer>> turns = new HashMap<>();

            for (int at = 0; at < sum; at++) {
                turns.computeIfAbsent(balancer.pick(REQUEST, null), any -> new ArrayList<>())
                        .add(at);
            }

            for (Candidate candidate : candidates) {
                List<Integer> own = turns.get(candidate.backend());
                int weight = candidate.weight() / divisor;
                assertThat(own).hasSize(weight);
                for (int i = 0; i < weight; i++) {
                    int due = i + 1 < weight ? own.get(i + 1) : own.get(0) + sum;
                    assertThat((double) (due - own.get(i)) * weight / sum)
                            .as("distance of turn %d of %s, of 1 on average", i, candidate)
                            .isBetween(0.7, 1.3);
                }
            }
        }
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    @Test
    void cursorThatOverflowsGoesOnInTheSequence() {
        List<Candidate> candidates = Candidates.ofWeights(1, 1);

        assertThat(letters(candidates, new SmoothRoundRobin(candidates, Integer.MAX_VALUE - 1), 4))
                .isEqualTo("abab");
        assertThat(letters(candidates, new SmoothRoundRobin(candidates, -2), 4)).isEqualTo("abab");
    }

    @Test
    void triedOneIsSkippedForTheNextInLine() {
        List<Candidate> candidates = Candidates.ofWeights(1, 1, 1);
        Balancer balancer = new SmoothRoundRobin(candidates, 0);

        assertThat(balancer.pick(REQUEST, candidates.get(0).backend()))
                .isSameAs(candidates.get(1).backend());
    }

    /** As in nginx: add weights, pick the most, take the sum off. */
    private static List<Backend> textbook(List<Candidate> candidates) {
        int sum = candidates.stream().mapToInt(Candidate::weight).sum();
        int[] current = new int[candidates.size()];
        List<Backend> picks = new ArrayList<>();
        for (int step = 0; step < sum; step++) {
            int best = 0;
            for (int i = 0; i < current.length; i++) {
                current[i] += candidates.get(i).weight();
                if (current[i] > current[best]) {
                    best = i;
                }
            }
            current[best] -= sum;
            picks.add(candidates.get(best).backend());
        }
        return picks;
    }

    private static String letters(List<Candidate> candidates, Balancer balancer, int picks) {
        List<Backend> order = candidates.stream().map(Candidate::backend).toList();
        return IntStream.range(0, picks)
                .mapToObj(i -> String.valueOf((char) ('a' + order.indexOf(balancer.pick(REQUEST, null)))))
                .collect(Collectors.joining());
    }
}
