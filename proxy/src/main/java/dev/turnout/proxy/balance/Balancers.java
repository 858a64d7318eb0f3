package dev.turnout.proxy.balance;

import dev.turnout.config.BalancerSettings;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/** Immutable. The menu of balancing algorithms. */
public final class Balancers {

    private Balancers() {}

    /** A balancer of that kind over those candidates. */
    public static Balancer create(BalancerSettings settings, List<Candidate> candidates) {
        return create(settings, candidates, bound -> ThreadLocalRandom.current().nextInt(bound), System::nanoTime);
    }

    /**
     * @param random thread-safe; a number of 0 until below its argument
     * @param ticker thread-safe; nanoseconds
     */
    static Balancer create(
            BalancerSettings settings, List<Candidate> candidates, IntUnaryOperator random, LongSupplier ticker) {
        return switch (settings.kind()) {
            case LEAST_REQUESTS -> new PowerOfTwoChoices(candidates, new LeastRequests(candidates), random);
            // A chance start, as candidates are chosen anew whenever a backend goes up or down: always starting with
            // the first would favour it.
            case ROUND_ROBIN -> new SmoothRoundRobin(candidates, random.applyAsInt(Integer.MAX_VALUE));
            case RANDOM -> new WeightedRandom(candidates, random);
            case PEAK_EWMA -> new PowerOfTwoChoices(candidates, new PeakEwma(candidates, ticker), random);
            case HASH -> new Maglev(settings.hash(), candidates, random);
        };
    }
}
