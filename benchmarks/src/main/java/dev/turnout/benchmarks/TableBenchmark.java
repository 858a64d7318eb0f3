package dev.turnout.benchmarks;

import dev.turnout.config.BalancerKind;
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

/**
 * A pool made anew, which is what each edit and each change of health costs the control thread: its candidates and the
 * table of its balancer. No event loop waits for it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TableBenchmark {

    /** A pool of each kind. */
    @State(Scope.Benchmark)
    public static class Plain {

        @Param
        BalancerKind kind;

        @Param({"3", "100", "1000"})
        int backends;

        Pool pool;

        @Setup
        public void makePool() {
            pool = SamplePool.of(kind, backends);
            check(pool, backends);
        }
    }

    /** A pool whose backends have a sticky cookie each, of the usual kind. */
    @State(Scope.Benchmark)
    public static class Sticky {

        @Param({"3", "100", "1000"})
        int backends;

        Pool pool;

        @Setup
        public void makePool() {
            pool = SamplePool.sticky(backends);
            check(pool, backends);
        }
    }

    @Benchmark
    public Pool refreshed(Plain plain) {
        return plain.pool.refreshed();
    }

    @Benchmark
    public Pool refreshedWithCookies(Sticky sticky) {
        return sticky.pool.refreshed();
    }

    private static void check(Pool pool, int backends) {
        Pool next = pool.refreshed();
        if (next.usable() != backends) {
            throw new IllegalStateException(next.usable() + " of " + backends + " backends are usable");
        }
        SamplePool.checkMember(pool, next.balancer().pick(new ClientRequests().next(), null));
    }
}
