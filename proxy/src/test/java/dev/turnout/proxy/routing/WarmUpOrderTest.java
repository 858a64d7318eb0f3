package dev.turnout.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.Pool.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpOrderTest {

    private static PoolSettings settings(Object... keysAndValues) {
        SettingsBuilder settings = new SettingsBuilder().set("warm-up.paths", List.of("/a", "/b"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.set((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        Settings built = settings.build();
        return built.blue();
    }

    private static Backend up(int port) {
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", port), 1);
        backend.setHealth(HealthView.UNCHECKED, System.nanoTime());
        return backend;
    }

    private static WarmUpOrder order(PoolSettings settings, Member... members) {
        return WarmUpOrder.of(
                new Pool(Colour.BLUE, settings, BalancerSettings.of(BalancerKind.LEAST_REQUESTS), List.of(members)));
    }

    @Test
    void onlyWhatIsUsableIsWarmedUp() {
        Backend good = up(1);
        Backend down = up(2);
        down.setHealth(HealthView.UNKNOWN, System.nanoTime());
        Backend ejected = up(3);
        ejected.setEjection(new Ejection(Instant.EPOCH, Instant.EPOCH, 1, ""), System.nanoTime());

        WarmUpOrder order = order(
                settings("warm-up.requests", 5, "outlier-detection.panic-threshold", 100),
                new Member(good, 1),
                new Member(down, 1),
                new Member(ejected, 1),
                new Member(up(4), 0),
                new Member(up(5), 1, Duty.DRAINED),
                new Member(up(6), 1, Duty.LEAVING));

        assertThat(order.backends()).containsExactly(good);
        assertThat(order.requests()).isEqualTo(5);
    }

    @Test
    void everyRequestHasOneEventLoopAndThePathsComeInTurn() {
        for (int requests = 0; requests < 30; requests++) {
            WarmUpOrder order = order(settings("warm-up.requests", requests), new Member(up(1), 1));
            for (int loops = 1; loops < 9; loops++) {
                List<Integer> sizes = new ArrayList<>();
                for (int loop = 0; loop < loops; loop++) {
                    sizes.add(order.firstOf(loop + 1, loops) - order.firstOf(loop, loops));
                }
                assertThat(order.firstOf(0, loops)).isZero();
                assertThat(order.firstOf(loops, loops)).isEqualTo(requests);
                assertThat(sizes)
                        .allMatch(size ->
                                size == order.requests() / sizes.size() || size == order.requests() / sizes.size() + 1);
            }
        }
        WarmUpOrder order = order(settings("warm-up.requests", 3), new Member(up(1), 1));
        assertThat(List.of(order.path(0), order.path(1), order.path(2))).containsExactly("/a", "/b", "/a");
    }

    @Test
    void fewerConnectionsThanEventLoopsAreNotFoughtFor() {
        WarmUpOrder order = order(
                settings("warm-up.requests", 10, "warm-up.connections", 3, "backend-limits.connections", 2),
                new Member(up(1), 1),
                new Member(up(2), 1));

        assertThat(List.of(order.firstOf(0, 4), order.firstOf(1, 4), order.firstOf(2, 4), order.firstOf(4, 4)))
                .containsExactly(0, 5, 10, 10);
        assertThat(order.connections(4)).isEqualTo(2 * 2);
        assertThat(order(settings("warm-up.connections", 3), new Member(up(1), 1))
                        .connections(4))
                .isEqualTo(12);
    }

    @Test
    void hostIsThatOfProbesUnlessItIsNamed() {
        assertThat(order(settings()).host()).isEmpty();
        assertThat(order(settings("health.host", "probe.example")).host()).isEqualTo("probe.example");
        assertThat(order(settings("health.host", "probe.example", "warm-up.host", "shop.example"))
                        .host())
                .isEqualTo("shop.example");
    }
}
