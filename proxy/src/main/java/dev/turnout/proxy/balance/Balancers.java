package dev.turnout.proxy.balance;

import dev.turnout.config.BalancerKind;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;

/** Immutable. The menu of balancing algorithms. */
public final class Balancers {

    private Balancers() {}

    /** A balancer of that kind over those candidates. */
    public static Balancer create(BalancerKind kind, List<Candidate> candidates) {
        return create(kind, candidates, bound -> ThreadLocalRandom.current().nextInt(bound));
    }

    /** @param random thread-safe; a number of 0 until below its argument */
    static Balancer create(BalancerKind kind, List<Candidate> candidates, IntUnaryOperator random) {
        return switch (kind) {
            case LEAST_REQUESTS -> new LeastRequests(candidates, random);
            // A chance start, as candidates are chosen anew whenever a backend goes up or down: always starting with
            // the first would favour it.
            case ROUND_ROBIN -> new SmoothRoundRobin(candidates, random.applyAsInt(Integer.MAX_VALUE));
        };
    }
}
