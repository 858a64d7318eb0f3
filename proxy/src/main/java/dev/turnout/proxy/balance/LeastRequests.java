package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import java.util.List;

/** Thread-safe: holds nothing that changes. Who has fewer leases for its weight has less load. */
final class LeastRequests implements PowerOfTwoChoices.Load {

    private final Backend[] backends;
    private final int[] weights;

    LeastRequests(List<Candidate> candidates) {
        this.backends = candidates.stream().map(Candidate::backend).toArray(Backend[]::new);
        this.weights = candidates.stream().mapToInt(Candidate::weight).toArray();
    }

    @Override
    public boolean isLess(int one, int other) {
        return backends[one].inFlight() * weights[other] < backends[other].inFlight() * weights[one];
    }
}
