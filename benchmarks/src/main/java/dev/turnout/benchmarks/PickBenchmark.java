package dev.turnout.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.turnout.config.BalancerKind;
import dev.turnout.proxy.backend.Backend;
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
import org.openjdk.jmh.annotations.Warmup;

/** A pick by each balancer, on one thread that has the balancer for itself. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PickBenchmark {

    /** One pool and its balancer. */
    @State(Scope.Thread)
    public static class OwnPool {

        @Param
        BalancerKind kind;

        @Param({"3", "100", "1000"})
        int backends;

        Balancer balancer;

        @Setup
        public void makePool(ClientRequests requests) {
            Pool pool = SamplePool.of(kind, backends);
            balancer = pool.balancer();
            for (int i = 0; i < 100; i++) {
                SamplePool.checkMember(pool, balancer.pick(requests.next(), null));
            }
        }
    }

    /** What is left of a pick if nothing is chosen. */
    @State(Scope.Thread)
    public static class NullPool {

        final Balancer balancer = new FixedBalancer(SamplePool.backend(0));
    }

    @Benchmark
    public Backend baseLine(NullPool pool, ClientRequests requests) {
        return requireNonNull(pool.balancer.pick(requests.next(), null));
    }

    @Benchmark
    public Backend pick(OwnPool pool, ClientRequests requests) {
        return requireNonNull(pool.balancer.pick(requests.next(), null));
    }
}
