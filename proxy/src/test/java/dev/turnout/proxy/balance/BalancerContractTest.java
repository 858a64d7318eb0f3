package dev.turnout.proxy.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.request.AnyRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every balancer. A new kind is tested by being a constant. */
class BalancerContractTest {

    private static final AnyRequest REQUEST = new AnyRequest();

    private static Balancer create(BalancerKind kind, List<Candidate> candidates) {
        return Balancers.create(BalancerSettings.of(kind), candidates);
    }

    private static Balancer create(BalancerKind kind, List<Candidate> candidates, Random random) {
        return Balancers.create(BalancerSettings.of(kind), candidates, random::nextInt, () -> 0);
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void picksNothingOutOfNothing(BalancerKind kind) {
        Balancer balancer = create(kind, List.of());

        assertThat(balancer.pick(REQUEST, null)).isNull();
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void picksTheOnlyOneEvenIfItWasTried(BalancerKind kind) {
        List<Candidate> one = Candidates.ofWeights(7);
        Backend only = one.get(0).backend();
        Balancer balancer = create(kind, one);

        assertThat(balancer.pick(REQUEST, null)).isSameAs(only);
        assertThat(balancer.pick(REQUEST, only)).isSameAs(only);
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void neverPicksTheTriedOneIfThereIsAnother(BalancerKind kind) {
        for (int[] weights : new int[][] {{1, 1}, {100, 1}, {100, 1, 1}, {1, 2, 3, 4}}) {
            List<Candidate> candidates = Candidates.ofWeights(weights);
            Balancer balancer = create(kind, candidates);

            for (Candidate tried : candidates) {
                for (int i = 0; i < 500; i++) {
                    assertThat(balancer.pick(KeyedRequest.of(i), tried.backend()))
                            .isNotNull()
                            .isNotSameAs(tried.backend());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void ignoresATriedOneThatIsNoCandidate(BalancerKind kind) {
        Backend gone = Candidates.ofWeights(1).get(0).backend();
        Balancer balancer = create(kind, Candidates.ofWeights(1, 1));

        assertThat(balancer.pick(REQUEST, gone)).isNotNull().isNotSameAs(gone);
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void sharesAnIdlePoolByWeight(BalancerKind kind) {
        int picks = 110_000;
        List<Candidate> candidates = Candidates.ofWeights(1, 2, 3, 5);
        Balancer balancer = create(kind, candidates, new Random(4711));

        Map<Backend, Integer> counts = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            counts.merge(balancer.pick(KeyedRequest.of(i), null), 1, Integer::sum);
        }

        double chiSquare = 0;
        for (Candidate candidate : candidates) {
            double expected = picks * candidate.weight() / 11.0;
            chiSquare += Math.pow(counts.get(candidate.backend()) - expected, 2) / expected;
        }
        // 99.9 % quantile of three degrees of freedom.
        assertThat(chiSquare).isLessThan(16.27);
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void reachesEveryOneOfAThousand(BalancerKind kind) {
        List<Candidate> candidates =
                Candidates.ofWeights(new Random(1).ints(1000, 1, 101).toArray());
        Balancer balancer = create(kind, candidates, new Random(2));

        Map<Backend, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1_000_000; i++) {
            counts.merge(balancer.pick(KeyedRequest.of(i), null), 1, Integer::sum);
        }

        assertThat(counts).hasSize(1000);
    }

    /** What is shared by weight stays so for those that are left, when a retry keeps away from one of them. */
    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void sharesWhatTheTriedOneHadAmongAllOthers(BalancerKind kind) {
        List<Candidate> candidates = Candidates.ofWeights(1, 1, 1, 1, 1);
        Balancer balancer = create(kind, candidates, new Random(5));

        Map<Backend, Integer> counts = new HashMap<>();
        for (int i = 0; i < 40_000; i++) {
            counts.merge(balancer.pick(KeyedRequest.of(i), candidates.get(2).backend()), 1, Integer::sum);
        }

        // Round robin gives all of it to the next in line, which then has two fifths.
        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allMatch(count -> count > 7_000 && count < 17_000);
    }

    /** A retry away from one that has nearly all the weight is no reason to send all of it to one of the others. */
    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void sharesWhatAHeavyTriedOneHadAmongAllOthers(BalancerKind kind) {
        int picks = 20_000;
        List<Candidate> candidates = Candidates.ofWeights(1, 1, 1, 100, 1, 1, 1, 1, 1, 1, 1);
        Balancer balancer = create(kind, candidates, new Random(3));

        Map<Backend, Integer> counts = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            counts.merge(balancer.pick(KeyedRequest.of(i), candidates.get(3).backend()), 1, Integer::sum);
        }

        // A tenth each; the slots of a hash table lie by chance.
        assertThat(counts).hasSize(10);
        assertThat(counts.values()).allMatch(count -> count > picks / 20 && count < picks / 5);
    }

    /** A slow start has ten times the weights, and some say 100 where others say 1. Two pools under the same load, side by side. */
    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void scaleOfTheWeightsDoesNotMatter(BalancerKind kind) {
        int[] weights = {3, 1, 1, 7, 20};
        List<Candidate> small = Candidates.ofWeights(weights);
        List<Candidate> large =
                Candidates.ofWeights(Arrays.stream(weights).map(w -> 10 * w).toArray());
        AtomicLong now = new AtomicLong();
        Balancer one = Balancers.create(BalancerSettings.of(kind), small, inProportion(new Random(8)), now::get);
        Balancer other = Balancers.create(BalancerSettings.of(kind), large, inProportion(new Random(8)), now::get);
        List<Backend> ones = small.stream().map(Candidate::backend).toList();
        List<Backend> others = large.stream().map(Candidate::backend).toList();
        Random load = new Random(9);
        List<Lease> leases = new ArrayList<>();

        for (int i = 0; i < 20_000; i++) {
            int tried = load.nextInt(2 * weights.length);
            boolean again = tried < weights.length;
            int at = ones.indexOf(one.pick(KeyedRequest.of(i), again ? ones.get(tried) : null));

            assertThat(others.indexOf(other.pick(KeyedRequest.of(i), again ? others.get(tried) : null)))
                    .as("pick %d", i)
                    .isEqualTo(at);
            leases.add(Objects.requireNonNull(ones.get(at).tryLease()));
            leases.add(Objects.requireNonNull(others.get(at).tryLease()));
            now.addAndGet(load.nextInt(20_000_000));
            long took = (1L + load.nextInt(9)) * (at + 1) * 3_000_000;
            ones.get(at).measureLatency().answered(took, now.get());
            others.get(at).measureLatency().answered(took, now.get());
            while (leases.size() > 2 * load.nextInt(60)) {
                int over = load.nextInt(leases.size() / 2) * 2;
                leases.remove(over + 1).close(Outcome.SUCCESS);
                leases.remove(over).close(Outcome.SUCCESS);
            }
        }
        leases.forEach(lease -> lease.close(Outcome.SUCCESS));
    }

    /** The same point of the whole, whatever the bound. */
    private static IntUnaryOperator inProportion(Random random) {
        return bound -> (int) (random.nextDouble() * bound);
    }

    @ParameterizedTest
    @EnumSource(BalancerKind.class)
    void servesManyThreadsAtOnce(BalancerKind kind) throws Exception {
        int threads = 4;
        int picks = 20_000;
        List<Candidate> candidates = Candidates.ofWeights(1, 2, 3);
        Balancer balancer = create(kind, candidates);
        Map<Backend, AtomicInteger> counts = new ConcurrentHashMap<>();
        candidates.forEach(candidate -> counts.put(candidate.backend(), new AtomicInteger()));
        CountDownLatch together = new CountDownLatch(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);

        List<Future<?>> ends = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            ends.add(pool.submit(() -> {
                together.countDown();
                together.await();
                for (int i = 0; i < picks; i++) {
                    counts.get(balancer.pick(KeyedRequest.of(i), null)).incrementAndGet();
                }
                return null;
            }));
        }
        for (Future<?> end : ends) {
            end.get(60, TimeUnit.SECONDS);
        }
        pool.shutdown();

        int sum = counts.values().stream().mapToInt(AtomicInteger::get).sum();
        assertThat(sum).isEqualTo(threads * picks);
        assertThat(counts.values()).allMatch(count -> count.get() > 0);
    }
}
