package dev.turnout.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.KeyHash;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.StickyTable;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/** The value of a sticky cookie hashed, and its backend found, as a request has it done that brings such a cookie. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StickyBenchmark {

    /** Values of the cookies of all backends of a pool, in turn. */
    @State(Scope.Thread)
    public static class Cookies {

        @Param({"3", "100", "1000"})
        int backends;

        StickyTable table;
        Backend fixed;
        byte[][] values;
        int at;

        @Setup
        public void makeCookies() {
            Pool pool = SamplePool.sticky(backends);
            table = requireNonNull(pool.sticky());
            fixed = pool.members().get(0).backend();
            values = pool.members().stream()
                    .map(member -> value(table, member.backend()))
                    .toArray(byte[][]::new);
            for (int i = 0; i < backends; i++) {
                if (find(table, values[i]) != pool.members().get(i).backend()) {
                    throw new IllegalStateException("the cookie of backend " + i + " does not name it");
                }
            }
        }

        byte[] next() {
            at = at + 1 == values.length ? 0 : at + 1;
            return values[at];
        }

        private static byte[] value(StickyTable table, Backend backend) {
            String cookie = requireNonNull(table.setCookie(backend, false));
            return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'))
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    @Benchmark
    public Backend baseLine(Cookies cookies) {
        return requireNonNull(nothingFound(cookies.fixed, cookies.next()));
    }

    @Benchmark
    public Backend found(Cookies cookies) {
        return requireNonNull(find(cookies.table, cookies.next()));
    }

    private static @Nullable Backend find(StickyTable table, byte[] value) {
        return table.find(KeyHash.of(value, 0, value.length));
    }

    /** The null base line: looks at the value, and at no table. */
    private static @Nullable Backend nothingFound(Backend fixed, byte[] value) {
        return value.length == 0 ? null : fixed;
    }
}
