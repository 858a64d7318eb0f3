package dev.turnout.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.balance.Candidate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowStartTest {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    @Test
    void weightGrowsByTenthsToAllOfIt() {
        for (int tenth = 0; tenth < 10; tenth++) {
            assertThat(SlowStart.tenths(Duration.ofMillis(tenth * 1000L).toNanos(), WINDOW))
                    .isEqualTo(tenth + 1);
            assertThat(SlowStart.tenths(Duration.ofMillis(tenth * 1000L + 999).toNanos(), WINDOW))
                    .isEqualTo(tenth + 1);
        }
        assertThat(SlowStart.tenths(WINDOW.toNanos(), WINDOW)).isEqualTo(10);
        assertThat(SlowStart.tenths(0, Duration.ZERO)).isEqualTo(10);
    }

    @Test
    void onlyThoseThatCameUpAWhileAgoHaveAllOfTheirWeight() {
        Backend old = backend(9101);
        long then = System.nanoTime() + WINDOW.toNanos();
        Backend fresh = backend(9102);
        List<Pool.Member> members = List.of(new Pool.Member(old, 3), new Pool.Member(fresh, 7));

        // Both were made at this moment: seen from now both have a tenth, which is the same share for both.
        assertThat(weights(members, System.nanoTime())).containsExactly(3, 7);
        assertThat(SlowStart.isUnderWay(members, WINDOW, System.nanoTime())).isTrue();
        assertThat(weights(members, then + WINDOW.toNanos())).containsExactly(3, 7);
        assertThat(SlowStart.isUnderWay(members, WINDOW, then + WINDOW.toNanos()))
                .isFalse();
        assertThat(SlowStart.isUnderWay(members, Duration.ZERO, System.nanoTime()))
                .isFalse();
    }

    @Test
    void endOfAnEjectionIsABeginning() {
        Backend backend = backend(9101);
        backend.setEjection(new Ejection(Instant.EPOCH, Instant.EPOCH, 1, ""));
        long before = System.nanoTime();
        backend.setEjection(null);
        assertThat(backend.upNanos(before)).isLessThanOrEqualTo(0);
        backend.setHealth(HealthView.UNKNOWN);
        before = System.nanoTime();
        backend.setHealth(HealthView.UNCHECKED);
        assertThat(backend.upNanos(before)).isLessThanOrEqualTo(0);
        long since = backend.upNanos(before);
        backend.setHealth(HealthView.UNCHECKED);
        assertThat(backend.upNanos(before)).isEqualTo(since);
    }

    private static List<Integer> weights(List<Pool.Member> members, long now) {
        return SlowStart.candidates(members, WINDOW, now).stream()
                .map(Candidate::weight)
                .toList();
    }

    private static Backend backend(int port) {
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", port), 1);
        backend.setHealth(HealthView.UNCHECKED);
        return backend;
    }
}
