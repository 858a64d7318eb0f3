package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.HashSettings;
import dev.turnout.proxy.backend.Backend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The table of Maglev: even, weighted, the same everywhere, and little disturbed (Eisenbud et al., NSDI 2016, section 5.3). */
final class MaglevTest {

    private static final int SIZE = 65_537;

    private static List<Candidate> candidates(int count, int weight) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BackendAddress address = new BackendAddress("10.0." + i / 250 + "." + (i % 250 + 1), 8080);
            candidates.add(new Candidate(new Backend(Colour.BLUE, address, 1), weight));
        }
        return candidates;
    }

    private static long[] shares(int[] table, int count) {
        long[] shares = new long[count];
        for (int owner : table) {
            shares[owner]++;
        }
        return shares;
    }

    @Test
    void equalWeightsHaveEqualSharesToAHundredth() {
        for (int count : new int[] {2, 3, 10, 100, 500}) {
            long[] shares = shares(Maglev.table(candidates(count, 7), SIZE), count);

            for (long share : shares) {
                assertThat(share).as("of %d", count).isBetween(SIZE / count - 1L, SIZE / count + 1L);
            }
        }
    }

    @Test
    void sharesFollowWeights() {
        List<Candidate> candidates = new ArrayList<>(candidates(3, 1));
        candidates.set(1, new Candidate(candidates.get(1).backend(), 2));
        candidates.set(2, new Candidate(candidates.get(2).backend(), 5));

        long[] shares = shares(Maglev.table(candidates, SIZE), 3);

        assertThat(shares[0] / (double) SIZE).isBetween(0.124, 0.126);
        assertThat(shares[1] / (double) SIZE).isBetween(0.249, 0.251);
        assertThat(shares[2] / (double) SIZE).isBetween(0.624, 0.626);
    }

    /** All that the lost one had must move; of what the others had at most a fiftieth does, as the paper has it for tables this large. */
    @Test
    void fewKeysMoveThatNeedNotWhenOneOfAHundredGoes() {
        List<Candidate> all = candidates(100, 1);
        int[] before = Maglev.table(all, SIZE);
        for (int gone : new int[] {0, 31, 99}) {
            List<Candidate> left = new ArrayList<>(all);
            left.remove(gone);
            int[] after = Maglev.table(left, SIZE);

            long moved = IntStream.range(0, SIZE)
                    .filter(slot ->
                            before[slot] != gone && !all.get(before[slot]).equals(left.get(after[slot])))
                    .count();

            assertThat(moved / (double) SIZE).isLessThan(0.02);
        }
    }

    @Test
    void orderOfTheSettingsDoesNotMatter() {
        List<Candidate> shuffled = candidates(20, 3);
        Maglev one = new Maglev(HashSettings.DEFAULT, shuffled, new Random(1)::nextInt);
        Collections.shuffle(shuffled, new Random(5));
        Maglev other = new Maglev(HashSettings.DEFAULT, shuffled, new Random(2)::nextInt);

        for (int i = 0; i < 10_000; i++) {
            KeyedRequest request = KeyedRequest.of(i);
            assertThat(other.pick(request, null)).isSameAs(one.pick(request, null));
        }
    }

    @Test
    void keyKeepsItsBackendAndARetryGoesToTheSameOther() {
        Maglev maglev = new Maglev(HashSettings.DEFAULT, candidates(5, 1), new Random(1)::nextInt);

        for (int i = 0; i < 1000; i++) {
            KeyedRequest request = KeyedRequest.of(i);
            Backend first = maglev.pick(request, null);
            Backend second = maglev.pick(request, first);
            assertThat(maglev.pick(request, null)).isSameAs(first);
            assertThat(maglev.pick(request, first)).isSameAs(second).isNotSameAs(first);
        }
    }

    @Test
    void requestWithoutAKeyGoesAnywhere() {
        Maglev maglev = new Maglev(HashSettings.DEFAULT, candidates(5, 1), new Random(1)::nextInt);

        assertThat(IntStream.range(0, 1000)
                        .mapToObj(i -> maglev.pick(KeyedRequest.withoutKey(), null))
                        .distinct())
                .hasSize(5);
    }
}
