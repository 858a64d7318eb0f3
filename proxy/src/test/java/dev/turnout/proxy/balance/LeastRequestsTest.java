package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.request.AnyRequest;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class LeastRequestsTest {

    private static final AnyRequest REQUEST = new AnyRequest();

    private static Balancer balancer(List<Candidate> candidates, IntUnaryOperator random) {
        return new PowerOfTwoChoices(candidates, new LeastRequests(candidates), random);
    }

    @Test
    void ofTwoTheOneWithFewerLeasesIsPicked() {
        List<Candidate> two = Candidates.ofWeights(1, 1);
        Backend busy = two.get(0).backend();
        Backend free = two.get(1).backend();
        Lease held = Objects.requireNonNull(busy.tryLease());
        Balancer balancer = balancer(two, new Random(1)::nextInt);

        for (int i = 0; i < 100; i++) {
            assertThat(balancer.pick(REQUEST, null)).isSameAs(free);
        }
        held.close(Outcome.NEUTRAL);
    }

    @Test
    void leasesAreSetAgainstTheWeight() {
        List<Candidate> two = Candidates.ofWeights(10, 1);
        Backend strong = two.get(0).backend();
        Backend weak = two.get(1).backend();
        for (int i = 0; i < 5; i++) {
            strong.tryLease();
        }
        weak.tryLease();
        Balancer balancer = balancer(two, new Random(1)::nextInt);

        for (int i = 0; i < 100; i++) {
            assertThat(balancer.pick(REQUEST, null)).isSameAs(strong);
        }
    }

    @Test
    void secondDrawIsNeverTheFirstAgain() {
        List<Candidate> three = Candidates.ofWeights(1, 1, 1);
        three.get(0).backend().tryLease();
        Balancer balancer = balancer(three, bound -> 0);

        assertThat(balancer.pick(REQUEST, null)).isSameAs(three.get(1).backend());
    }

    @Test
    void slowBackendGetsFewerRequestsThanAFastOne() {
        List<Candidate> three = Candidates.ofWeights(1, 1, 1);
        Backend slow = three.get(0).backend();
        Balancer balancer = balancer(three, new Random(3)::nextInt);
        Queue<Lease> slowLeases = new ArrayDeque<>();

        int toSlow = 0;
        for (int round = 0; round < 3000; round++) {
            Backend picked = Objects.requireNonNull(balancer.pick(REQUEST, null));
            Lease lease = Objects.requireNonNull(picked.tryLease());
            if (picked == slow) {
                toSlow++;
                slowLeases.add(lease);
            } else {
                lease.close(Outcome.SUCCESS);
            }
            if (round % 20 == 0 && !slowLeases.isEmpty()) {
                slowLeases.remove().close(Outcome.SUCCESS);
            }
        }

        // A third of 3,000 if leases were not looked at; it can end no more than 150.
        assertThat(toSlow).isLessThan(200);
    }
}
