package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.LatencyGauge;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * One of four backends takes 20 times as long as the others: the share of requests it gets with each balancer, in a simulation
 * with seed and clock. Poisson arrivals, 4 requests in flight on average if nobody is slow.
 */
final class SlowBackendTest {

    private static final long QUICK = 10_000_000L;
    private static final long SLOW = 20 * QUICK;
    private static final int REQUESTS = 40_000;

    private record Running(long end, long took, Backend backend, Lease lease) {}

    private long now = 1;

    private double share(BalancerKind kind) {
        Random random = new Random(11);
        List<Candidate> candidates = Candidates.ofWeights(1, 1, 1, 1);
        Backend slow = candidates.get(3).backend();
        Balancer balancer = Balancers.create(BalancerSettings.of(kind), candidates, random::nextInt, () -> now);
        PriorityQueue<Running> running = new PriorityQueue<>(Comparator.comparingLong(Running::end));
        int onSlow = 0;
        for (int i = 0; i < REQUESTS; i++) {
            now += (long) (-Math.log(1 - random.nextDouble()) * QUICK / 4);
            while (!running.isEmpty() && running.peek().end() <= now) {
                Running over = running.remove();
                LatencyGauge gauge = over.backend().latency();
                if (gauge != null) {
                    gauge.answered(over.took(), over.end());
                }
                over.lease().close(Outcome.SUCCESS);
            }
            Backend backend = Objects.requireNonNull(balancer.pick(KeyedRequest.of(i), null));
            long took = backend == slow ? SLOW : QUICK;
            onSlow += backend == slow ? 1 : 0;
            running.add(new Running(now + took, took, backend, Objects.requireNonNull(backend.tryLease())));
        }
        running.forEach(left -> left.lease().close(Outcome.SUCCESS));
        return (double) onSlow / REQUESTS;
    }

    @Test
    void thoseThatLookSendLittleToTheSlowOne() {
        Map<BalancerKind, Double> shares = new EnumMap<>(BalancerKind.class);
        for (BalancerKind kind : BalancerKind.values()) {
            now = 1;
            shares.put(kind, share(kind));
        }

        // A quarter for those that do not look.
        assertThat(shares.get(BalancerKind.ROUND_ROBIN)).isEqualTo(0.25);
        assertThat(shares.get(BalancerKind.RANDOM)).isBetween(0.24, 0.26);
        assertThat(shares.get(BalancerKind.HASH)).isBetween(0.24, 0.26);
        assertThat(shares.get(BalancerKind.LEAST_REQUESTS)).isLessThan(0.12);
        assertThat(shares.get(BalancerKind.PEAK_EWMA)).isLessThan(shares.get(BalancerKind.LEAST_REQUESTS) / 2);
    }
}
