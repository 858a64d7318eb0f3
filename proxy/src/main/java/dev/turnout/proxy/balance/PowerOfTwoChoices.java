package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: holds nothing that changes. Draws two different candidates in proportion to their weights and picks the one with
 * less load; a tie goes to the first drawn, so that an idle pool is shared by weight. Two choices keep the longest queue near log
 * log n where one leaves log n / log log n (Mitzenmacher, doi:10.1109/71.963420), and unlike the least of all they do not send
 * every event loop to the same backend at once.
 */
final class PowerOfTwoChoices implements Balancer {

    /** Thread-safe. What load is: all that the algorithms that choose between two differ in. */
    interface Load {

        /** Whether the candidate of one index has less of it than that of the other. */
        boolean isLess(int one, int other);
    }

    private final WeightedDraw candidates;
    private final Load load;

    /**
     * @param load by indices into {@code candidates}
     * @param random thread-safe; a number of 0 until below its argument
     */
    PowerOfTwoChoices(List<Candidate> candidates, Load load, IntUnaryOperator random) {
        this.candidates = new WeightedDraw(candidates, random);
        this.load = load;
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        int count = candidates.count();
        if (count < 2) {
            return count == 0 ? null : candidates.backend(0);
        }
        int avoided = candidates.index(tried);
        int first = candidates.draw(avoided, WeightedDraw.NONE);
        int second = candidates.draw(avoided, first);
        return candidates.backend(second != WeightedDraw.NONE && load.isLess(second, first) ? second : first);
    }
}
