package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.proxy.backend.Backend;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pick allocates nothing. */
class PickAllocationTest {

    private static final int PICKS = 20_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final KeyedRequest[] requests =
            IntStream.range(0, 64).mapToObj(KeyedRequest::of).toArray(KeyedRequest[]::new);

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void pickAllocatesNothing(BalancerKind kind) {
        List<Candidate> candidates = Candidates.ofWeights(1, 2, 3, 4, 5, 6, 7);
        Balancer balancer = Balancers.create(BalancerSettings.of(kind), candidates);
        Backend tried = candidates.get(2).backend();
        candidates.forEach(candidate -> candidate.backend().measureLatency().answered(1_000_000, System.nanoTime()));
        pick(balancer, tried);

        // The measurement itself may cost something once; one object per pick would be 320,000 bytes and more.
        long before = threads.getCurrentThreadAllocatedBytes();
        pick(balancer, tried);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(PICKS);
    }

    private void pick(Balancer balancer, Backend tried) {
        for (int i = 0; i < PICKS; i++) {
            balancer.pick(requests[i & 63], (i & 1) == 0 ? null : tried);
        }
    }
}
