package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Thread-safe: holds nothing that changes. Draws a candidate in proportion to its weight. */
final class WeightedRandom implements Balancer {

    private final WeightedDraw candidates;

    /** @param random thread-safe; a number of 0 until below its argument */
    WeightedRandom(List<Candidate> candidates, IntUnaryOperator random) {
        this.candidates = new WeightedDraw(candidates, random);
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        int count = candidates.count();
        if (count < 2) {
            return count == 0 ? null : candidates.backend(0);
        }
        return candidates.backend(candidates.draw(candidates.index(tried), WeightedDraw.NONE));
    }
}
