package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.backend.Backend;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightedDrawTest {

    private static final int NONE = WeightedDraw.NONE;
    private static final int[] WEIGHTS = {2, 100, 1, 40, 3, 5};

    private final List<Candidate> candidates = Candidates.ofWeights(WEIGHTS);

    @Test
    void everyNumberBelongsToTheCandidateWhoseRangeItIsIn() {
        assertThat(ranges(NONE, NONE)).containsExactly(2, 100, 1, 40, 3, 5);
        assertThat(ranges(0, NONE)).containsExactly(0, 100, 1, 40, 3, 5);
        assertThat(ranges(5, NONE)).containsExactly(2, 100, 1, 40, 3, 0);
        assertThat(ranges(3, 1)).containsExactly(2, 0, 1, 0, 3, 5);
        assertThat(ranges(1, 2)).containsExactly(2, 0, 0, 40, 3, 5);
        assertThat(ranges(0, 5)).containsExactly(0, 100, 1, 40, 3, 0);
    }

    @Test
    void thoseThatAreLeftKeepTheirSharesOfEachOther() {
        int draws = 110_000;
        WeightedDraw draw = new WeightedDraw(candidates, new Random(4711)::nextInt);

        int[] counts = new int[WEIGHTS.length];
        for (int i = 0; i < draws; i++) {
            counts[draw.draw(1, 3)]++;
        }

        double chiSquare = 0;
        for (int i : new int[] {0, 2, 4, 5}) {
            double expected = draws * WEIGHTS[i] / 11.0;
            chiSquare += Math.pow(counts[i] - expected, 2) / expected;
        }
        // 99.9 % quantile of three degrees of freedom.
        assertThat(chiSquare).isLessThan(16.27);
        assertThat(counts[1] + counts[3]).isZero();
    }

    @Test
    void nobodyIsDrawnIfNobodyIsLeft() {
        Random random = new Random(1);

        assertThat(new WeightedDraw(List.of(), random::nextInt).draw(NONE, NONE))
                .isEqualTo(NONE);
        assertThat(new WeightedDraw(Candidates.ofWeights(7), random::nextInt).draw(0, NONE))
                .isEqualTo(NONE);
        assertThat(new WeightedDraw(Candidates.ofWeights(7, 9), random::nextInt).draw(1, 0))
                .isEqualTo(NONE);
        assertThat(new WeightedDraw(Candidates.ofWeights(7, 9), random::nextInt).draw(NONE, 0))
                .isEqualTo(1);
    }

    @Test
    void candidatesAreFoundByTheirBackends() {
        WeightedDraw draw = new WeightedDraw(candidates, new Random(1)::nextInt);
        Backend stranger = Candidates.ofWeights(1).get(0).backend();

        assertThat(draw.index(candidates.get(4).backend())).isEqualTo(4);
        assertThat(draw.index(stranger)).isEqualTo(NONE);
        assertThat(draw.index(null)).isEqualTo(NONE);
    }

    /** How many numbers lead to each candidate. */
    private int[] ranges(int one, int other) {
        int[] ranges = new int[WEIGHTS.length];
        int[] next = {0};
        int[] bound = {1};
        WeightedDraw draw = new WeightedDraw(candidates, left -> {
            bound[0] = left;
            return next[0];
        });
        while (next[0] < bound[0]) {
            ranges[draw.draw(one, other)]++;
            next[0]++;
        }
        return ranges;
    }
}
