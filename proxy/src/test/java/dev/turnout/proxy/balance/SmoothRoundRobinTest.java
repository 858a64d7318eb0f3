package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.AnyRequest;
import java.util.ArrayList;
import java.util.List;
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
