package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Immutable, but for its source of chance, which is thread-safe. Draws candidates in proportion to their weights. */
final class WeightedDraw {

    /** The index of nobody. */
    static final int NONE = -1;

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

    /** Which candidate that is; {@link #NONE} if it is none. Looks at all of them: for retries. */
    int index(@Nullable Backend backend) {
        for (int i = 0; backend != null && i < backends.length; i++) {
            if (backends[i] == backend) {
                return i;
            }
        }
        return NONE;
    }

    /**
     * The index of a candidate that is neither of those two, in proportion to the weights of all that are not; {@link #NONE} if
     * there is no other.
     *
     * @param one an index or {@link #NONE}, and so is {@code other}; if it is the same, that is {@link #NONE}
     */
    int draw(int one, int other) {
        int low = Math.min(one, other);
        int high = Math.max(one, other);
        int sum = backends.length == 0 ? 0 : ceilings[backends.length - 1];
        int left = sum - weight(low) - weight(high);
        if (left == 0) {
            return NONE;
        }
        int drawn = random.applyAsInt(left);
        // Their ranges are stepped over, the lower one first.
        if (low != NONE && drawn >= ceilings[low] - weight(low)) {
            drawn += weight(low);
        }
        if (high != NONE && drawn >= ceilings[high] - weight(high)) {
            drawn += weight(high);
        }
        // A number belongs to the first candidate whose ceiling is above it; ceilings rise strictly.
        int found = Arrays.binarySearch(ceilings, drawn + 1);
        return found >= 0 ? found : -found - 1;
    }

    private int weight(int index) {
        if (index == NONE) {
            return 0;
        }
        return index == 0 ? ceilings[0] : ceilings[index] - ceilings[index - 1];
    }
}
