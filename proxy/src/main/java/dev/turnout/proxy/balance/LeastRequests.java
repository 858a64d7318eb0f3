package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
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

    private final WeightedDraw candidates;
    private final int[] weights;

    /** @param random thread-safe; a number of 0 until below its argument */
    LeastRequests(List<Candidate> candidates, IntUnaryOperator random) {
        this.candidates = new WeightedDraw(candidates, random);
        this.weights = candidates.stream().mapToInt(Candidate::weight).toArray();
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        int count = weights.length;
        if (count < 2) {
            return count == 0 ? null : candidates.backend(0);
        }
        int first = candidates.draw(tried, null);
        int second = candidates.draw(tried, candidates.backend(first));
        return candidates.backend(isLighter(second, first) ? second : first);
    }

    private boolean isLighter(int one, int other) {
        return candidates.backend(one).inFlight() * weights[other]
                < candidates.backend(other).inFlight() * weights[one];
    }
}
