package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Immutable, but for its source of chance, which is thread-safe. Draws candidates in proportion to their weights. */
final class WeightedDraw {

    /** Draws that may hit a candidate which is not wanted before the next one in line is taken instead. */
    private static final int DRAWS = 8;

    private final Backend[] backends;
    /** Sum of the weights up to and with each candidate; a draw is a search in it. */
    private final int[] ceilings;

    private final IntUnaryOperator random;

    /** @param random thread-safe; a number of 0 until below its argument */
    WeightedDraw(List<Candidate> candidates, IntUnaryOperator random) {
        this.backends = candidates.stream().map(Candidate::backend).toArray(Backend[]::new);
        this.ceilings = candidates.stream().mapToInt(Candidate::weight).toArray();
        Arrays.parallelPrefix(ceilings, Math::addExact);
        this.random = random;
    }

    int count() {
        return backends.length;
    }

    Backend backend(int index) {
        return backends[index];
    }

    /**
     * The index of a candidate that is neither of those two, or, if there is none but them, not {@code tried}. Of a single
     * candidate always that one.
     */
    int draw(@Nullable Backend tried, @Nullable Backend other) {
        int count = backends.length;
        if (count == 1) {
            return 0;
        }
        int at = 0;
        for (int i = 0; i < DRAWS; i++) {
            // The draw d belongs to the first candidate whose ceiling is above it; ceilings rise strictly.
            int found = Arrays.binarySearch(ceilings, random.applyAsInt(ceilings[count - 1]) + 1);
            at = found >= 0 ? found : -found - 1;
            if (backends[at] != tried && backends[at] != other) {
                return at;
            }
        }
        for (int i = 1; i < count; i++) {
            int next = (at + i) % count;
            if (backends[next] != tried && backends[next] != other) {
                return next;
            }
        }
        // Two candidates, one of them tried: there is no second one to compare with.
        return backends[at] == tried ? (at + 1) % count : at;
    }
}
