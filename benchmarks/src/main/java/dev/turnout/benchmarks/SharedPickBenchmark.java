package dev.turnout.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.turnout.config.BalancerKind;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.balance.Balancer;
import dev.turnout.proxy.routing.Pool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Picks by two threads at once, of the balancers that read or write what event loops share: the cursor of round robin, the
 * leases that least requests compares. Nanoseconds are those of one thread.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(2)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SharedPickBenchmark {

    /** One pool and its balancer, for both threads. */
    @State(Scope.Benchmark)
    public static class SharedPool {

        @Param({"ROUND_ROBIN", "LEAST_REQUESTS"})
        BalancerKind kind;

        @Param({"3", "100", "1000"})
        int backends;

        Balancer balancer;

        @Setup
        public void makePool() {
            Pool pool = SamplePool.of(kind, backends);
            balancer = pool.balancer();
            ClientRequests requests = new ClientRequests();
            for (int i = 0; i < 100; i++) {
                SamplePool.checkMember(pool, balancer.pick(requests.next(), null));
            }
        }
    }

    /** What is left of a pick if nothing is chosen. */
    @State(Scope.Benchmark)
    public static class NullPool {

        final Balancer balancer = new FixedBalancer(SamplePool.backend(0));
    }

    @Benchmark
    public Backend baseLine(NullPool pool, ClientRequests requests) {
        return requireNonNull(pool.balancer.pick(requests.next(), null));
    }

    @Benchmark
    public Backend pick(SharedPool pool, ClientRequests requests) {
        return requireNonNull(pool.balancer.pick(requests.next(), null));
    }

    /** As a request does it: least requests sees the leases of the other thread change. */
    @Benchmark
    public Lease pickAndLease(SharedPool pool, ClientRequests requests) {
        Lease lease = requireNonNull(
                requireNonNull(pool.balancer.pick(requests.next(), null)).tryLease());
        lease.close(Outcome.SUCCESS);
        return lease;
    }
}
