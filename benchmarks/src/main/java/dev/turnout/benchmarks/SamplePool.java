package dev.turnout.benchmarks;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.StickySettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.routing.Pool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Immutable. Pools to be measured: all backends are up, of unequal weight, with unequal latency and load. */
final class SamplePool {

    private static final StickySettings COOKIE = new StickySettings(
            "id",
            "0123456789abcdef",
            StickySettings.Secure.OFF,
            true,
            StickySettings.SameSite.LAX,
            "/",
            Optional.empty());

    private SamplePool() {}

    /** A pool with that many backends. */
    static Pool of(BalancerKind kind, int size) {
        return new Pool(Colour.BLUE, "sample", kind, members(size));
    }

    /** The same with a sticky cookie. */
    static Pool sticky(int size) {
        PoolSettings usual = PoolSettings.unchecked("sample");
        PoolSettings settings = new PoolSettings(
                usual.version(),
                usual.backends(),
                usual.names(),
                usual.health(),
                usual.outliers(),
                usual.limits(),
                Optional.of(COOKIE),
                false,
                usual.slowStart(),
                usual.proxyProtocol(),
                usual.warmUp());
        return new Pool(Colour.BLUE, settings, BalancerSettings.of(BalancerKind.LEAST_REQUESTS), members(size));
    }

    /** An open backend without load; nothing connects to it. */
    static Backend backend(int number) {
        BackendAddress address = new BackendAddress("10.0." + number / 250 + "." + (number % 250 + 1), 8080);
        Backend backend = new Backend(Colour.BLUE, address, 1);
        backend.setHealth(HealthView.UNCHECKED, System.nanoTime());
        backend.open();
        return backend;
    }

    /** @throws IllegalStateException if that is no backend of the pool: what was to be measured does not work */
    static void checkMember(Pool pool, @Nullable Backend found) {
        if (pool.members().stream().noneMatch(member -> member.backend() == found)) {
            throw new IllegalStateException(found + " is no member of the pool");
        }
    }

    private static List<Pool.Member> members(int size) {
        return IntStream.range(0, size)
                .mapToObj(number -> new Pool.Member(busy(backend(number), number), number * 37 % 100 + 1))
                .toList();
    }

    private static Backend busy(Backend backend, int number) {
        for (int held = number % 4; held > 0; held--) {
            if (backend.tryLease() == null) {
                throw new IllegalStateException(backend + " grants no lease");
            }
        }
        Duration latency = Duration.ofMillis(1 + number % 7);
        backend.measureLatency().answered(latency.toNanos(), System.nanoTime());
        return backend;
    }
}
