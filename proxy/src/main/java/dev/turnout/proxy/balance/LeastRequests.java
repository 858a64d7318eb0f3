package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: holds nothing that changes. Power of two choices: draws two different candidates in proportion to their
 * weights and picks the one with fewer leases for its weight; a tie goes to the first drawn, so that an idle pool is
 * shared by weight. Two choices keep the longest queue near log log n where one leaves log n / log log n (Mitzenmacher,
 * doi:10.1109/71.963420), and unlike the least of all they do not send every event loop to the same backend at once.
 */
final class LeastRequests implements Balancer {

    /** Draws that may hit a candidate which is not wanted before the next one in line is taken instead. */
    private static final int DRAWS = 8;

    private final Backend[] backends;
    private final int[] weights;
    /** Sum of the weights up to and with each candidate; a draw is a search in it. */
    private final int[] ceilings;

    private final IntUnaryOperator random;

    /** @param random thread-safe; a number of 0 until below its argument */
    LeastRequests(List<Candidate> candidates, IntUnaryOperator random) {
        this.backends = candidates.stream().map(Candidate::backend).toArray(Backend[]::new);
        this.weights = candidates.stream().mapToInt(Candidate::weight).toArray();
        this.ceilings = weights.clone();
        Arrays.parallelPrefix(ceilings, Math::addExact);
        this.random = random;
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        int count = backends.length;
        if (count < 2) {
            return count == 0 ? null : backends[0];
        }
        int first = draw(tried, null);
        int second = draw(tried, backends[first]);
        return isLighter(second, first) ? backends[second] : backends[first];
    }

    private int draw(@Nullable Backend tried, @Nullable Backend other) {
        int at = 0;
        for (int i = 0; i < DRAWS; i++) {
            // The draw d belongs to the first candidate whose ceiling is above it; ceilings rise strictly.
            int found = Arrays.binarySearch(ceilings, random.applyAsInt(ceilings[ceilings.length - 1]) + 1);
            at = found >= 0 ? found : -found - 1;
            if (backends[at] != tried && backends[at] != other) {
                return at;
            }
        }
        for (int i = 1; i < backends.length; i++) {
            int next = (at + i) % backends.length;
            if (backends[next] != tried && backends[next] != other) {
                return next;
            }
        }
        // Two candidates, one of them tried: there is no second one to compare with.
        return backends[at] == tried ? (at + 1) % backends.length : at;
    }

    private boolean isLighter(int one, int other) {
        return backends[one].inFlight() * weights[other] < backends[other].inFlight() * weights[one];
    }
}
