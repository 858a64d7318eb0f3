package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.request.AnyRequest;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PeakEwmaTest {

    private static final AnyRequest REQUEST = new AnyRequest();
    private static final long MS = 1_000_000;

    private long now;

    @Test
    void slowerOneIsPickedOnlyWhenTheFasterOneIsBusyEnough() {
        List<Candidate> two = Candidates.ofWeights(1, 1);
        Backend fast = two.get(0).backend();
        Backend slow = two.get(1).backend();
        Balancer balancer = balancer(two);
        fast.measureLatency().answered(10 * MS, now);
        slow.measureLatency().answered(35 * MS, now);

        // 10 * (1 + 1), 10 * (2 + 1), 10 * (3 + 1)
        for (int leases = 0; leases < 3; leases++) {
            assertThat(pick(balancer)).isSameAs(fast);
            fast.tryLease();
        }
        assertThat(pick(balancer)).isSameAs(slow);
    }

    @Test
    void leasesAreSetAgainstTheWeight() {
        List<Candidate> two = Candidates.ofWeights(10, 1);
        Backend strong = two.get(0).backend();
        Backend weak = two.get(1).backend();
        Balancer balancer = balancer(two);
        strong.measureLatency().answered(10 * MS, now);
        weak.measureLatency().answered(10 * MS, now);
        for (int i = 0; i < 9; i++) {
            strong.tryLease();
        }
        weak.tryLease();

        assertThat(pick(balancer)).isSameAs(strong);
    }

    @Test
    void newOneGetsOneRequestUntilItHasAnswered() {
        List<Candidate> two = Candidates.ofWeights(1, 1);
        Backend known = two.get(0).backend();
        Backend fresh = two.get(1).backend();
        Balancer balancer = balancer(two);
        known.measureLatency().answered(10 * MS, now);

        assertThat(pick(balancer)).isSameAs(fresh);
        fresh.tryLease();
        assertThat(pick(balancer)).isSameAs(known);
        fresh.measureLatency().answered(2 * MS, now);
        assertThat(pick(balancer)).isSameAs(fresh);
    }

    @Test
    void oneThatFailsFastDoesNotAttractTraffic() {
        List<Candidate> two = Candidates.ofWeights(1, 1);
        Backend failing = two.get(0).backend();
        Backend sound = two.get(1).backend();
        now = System.nanoTime();
        Balancer balancer = balancer(two);
        sound.measureLatency().answered(50 * MS, now);
        Objects.requireNonNull(failing.tryLease()).close(Outcome.CONNECT_FAILURE);

        assertThat(pick(balancer)).isSameAs(sound);
    }

    @Test
    void endThatIsNotTheBackendsSaysNothingOfIt() {
        Backend backend = Candidates.ofWeights(1).get(0).backend();
        backend.measureLatency();

        Objects.requireNonNull(backend.tryLease()).close(Outcome.NEUTRAL);

        assertThat(backend.measureLatency().nanos(System.nanoTime())).isZero();
    }

    private Balancer balancer(List<Candidate> candidates) {
        return new PowerOfTwoChoices(candidates, new PeakEwma(candidates, () -> now), new Random(1)::nextInt);
    }

    /** The same for a hundred draws. */
    private static Backend pick(Balancer balancer) {
        Backend picked = Objects.requireNonNull(balancer.pick(REQUEST, null));
        for (int i = 0; i < 100; i++) {
            assertThat(balancer.pick(REQUEST, null)).isSameAs(picked);
        }
        return picked;
    }
}
