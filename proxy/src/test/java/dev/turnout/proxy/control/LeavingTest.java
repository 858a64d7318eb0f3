package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When backends that are leaving are looked at, on a thread whose time the test tells. */
class LeavingTest {

    private final Later thread = new Later();
    private final Switchboard board = new Switchboard(table());
    private boolean saved;
    private final Leaving leaving = new Leaving(board, thread, gone -> saved, () -> {});

    @AfterEach
    void close() {
        leaving.close();
        thread.shutdownNow();
    }

    @Test
    void pausesGrowWhileNothingCanBeSaved() {
        leaving.follow();
        for (int i = 0; i < 7; i++) {
            thread.runLast();
        }

        assertThat(thread.delays()).containsExactly(20L, 1000L, 2000L, 4000L, 8000L, 16_000L, 30_000L, 30_000L);
        // Health that changes does not hurry it.
        leaving.follow();
        assertThat(thread.delays()).hasSize(8);
    }

    @Test
    void changeThatWasMadeEndsThePause() {
        leaving.follow();
        thread.runLast();
        thread.runLast();
        saved = true;

        leaving.changed();
        thread.runLast();

        assertThat(thread.delays()).containsExactly(20L, 1000L, 2000L, 20L, 20L);
    }

    private static RoutingTable table() {
        BalancerSettings balancing = BalancerSettings.of(BalancerKind.ROUND_ROBIN);
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 9101), 1);
        Pool blue = new Pool(Colour.BLUE, "", balancing, List.of(new Pool.Member(backend, 1, Pool.Duty.LEAVING)));
        Pool green = new Pool(Colour.GREEN, "", balancing, List.of());
        return new RoutingTable(1, Colour.BLUE, Optional.empty(), blue, green, Orders.NONE);
    }
}
