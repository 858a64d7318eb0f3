package dev.turnout.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.turnout.config.BackendLimits;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.backend.PendingQueue;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** A lease taken and given back, with and without a limit on what the backend is asked to bear. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LeaseBenchmark {

    /** Backends with nothing in flight. */
    @State(Scope.Benchmark)
    public static class Backends {

        final NullBackend nothing = new NullBackend();
        final Backend free = SamplePool.backend(0);
        final Backend limited = SamplePool.backend(1);

        /** A limit that is looked at, and never met. */
        @Setup
        public void limit() {
            int most = 2;
            limited.limit(new BackendLimits(0, most, 100, Duration.ofSeconds(1)), new PendingQueue(new AtomicLong()));
            Lease first = requireNonNull(limited.tryLease());
            Lease second = requireNonNull(limited.tryLease());
            if (limited.tryLease() != null) {
                throw new IllegalStateException("the limit does not hold");
            }
            first.close(Outcome.NEUTRAL);
            second.close(Outcome.NEUTRAL);
        }
    }

    /** The null base line: grants what has the shape of a lease, and counts nothing. */
    static final class NullBackend {

        @Nullable
        NullLease tryLease() {
            return new NullLease(this);
        }
    }

    /** Confined to one thread. */
    static final class NullLease {

        final NullBackend backend;

        @Nullable
        Outcome outcome;

        NullLease(NullBackend backend) {
            this.backend = backend;
        }

        void close(Outcome ended) {
            if (outcome == null) {
                outcome = ended;
            }
        }
    }

    @Benchmark
    public Object baseLine(Backends backends) {
        NullLease lease = requireNonNull(backends.nothing.tryLease());
        lease.close(Outcome.SUCCESS);
        return lease;
    }

    @Benchmark
    public Lease unlimited(Backends backends) {
        return leased(backends.free);
    }

    @Benchmark
    public Lease limited(Backends backends) {
        return leased(backends.limited);
    }

    /** Two event loops that want the same backend at every moment: the worst case. */
    @Benchmark
    @Threads(2)
    public Lease limitedByTwoThreads(Backends backends) {
        return leased(backends.limited);
    }

    private static Lease leased(Backend backend) {
        Lease lease = requireNonNull(backend.tryLease());
        lease.close(Outcome.SUCCESS);
        return lease;
    }
}
