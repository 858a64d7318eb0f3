package dev.turnout.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.HealthView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolRefreshTest {

    private final Backend one = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 9101), 1);
    private final Backend two = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 9102), 1);

    @Test
    void tableIsMadeAnewOnlyIfSomebodyElseIsChosenAmong() {
        one.setHealth(HealthView.UNCHECKED, 0);
        RoutingTable table = table();

        assertThat(table.refreshed()).isSameAs(table);
        // Another probe that says the same.
        one.setHealth(new HealthView(true, Instant.EPOCH, Instant.MAX, 1, "200"), 0);
        two.setHealth(new HealthView(false, Instant.EPOCH, Instant.MAX, 1, "refused"), 0);
        assertThat(table.refreshed()).isSameAs(table);

        two.setHealth(HealthView.UNCHECKED, 0);
        RoutingTable both = table.refreshed();
        assertThat(both.blue().usable()).isEqualTo(2);
        assertThat(both.green()).isSameAs(table.green());

        two.setEjection(new Ejection(Instant.EPOCH, Instant.MAX, 1, "a test"), 0);
        assertThat(both.refreshed().blue().usable()).isEqualTo(1);
        assertThat(both.refreshed().revision()).isEqualTo(both.revision());
    }

    private RoutingTable table() {
        Pool blue = new Pool(
                Colour.BLUE,
                "",
                BalancerKind.LEAST_REQUESTS,
                List.of(new Pool.Member(one, 1), new Pool.Member(two, 1)));
        Pool green = new Pool(Colour.GREEN, "", BalancerKind.LEAST_REQUESTS, List.of());
        return new RoutingTable(7, Colour.BLUE, Optional.empty(), blue, green, Orders.NONE);
    }
}
