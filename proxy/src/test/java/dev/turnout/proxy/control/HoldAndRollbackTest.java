package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.config.GateSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.control.Change.Rollback;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.control.HoldChange.Hold;
import dev.turnout.proxy.control.HoldChange.SwitchHeld;
import dev.turnout.proxy.control.ReleaseChange.Abort;
import dev.turnout.proxy.control.ReleaseChange.Promote;
import dev.turnout.proxy.control.ReleaseChange.StartCanary;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Going back leaves nobody waiting, and nothing that was prepared before undoes it. */
class HoldAndRollbackTest {

    private static final Instant NOW = States.NOON;
    private static final Conditions PLAIN = States.conditions(GateSettings.OPEN, false);

    private final RoutingTable fresh =
            new RoutingTable(7, Colour.BLUE, Optional.empty(), pool(Colour.BLUE), pool(Colour.GREEN), Orders.NONE);

    private static Pool pool(Colour colour) {
        Backend backend = new Backend(colour, new BackendAddress("127.0.0.1", 9000), 1);
        backend.setHealth(HealthView.UNCHECKED, System.nanoTime());
        return new Pool(colour, "", BalancerKind.LEAST_REQUESTS, List.of(new Pool.Member(backend, 1)));
    }

    private static RoutingTable held(RoutingTable table, boolean forSwitch) throws ChangeRefused {
        return new Hold(
                        NOW.plusSeconds(30),
                        10,
                        1000,
                        "",
                        forSwitch ? Optional.of(table.active().other()) : Optional.empty())
                .applyTo(table, PLAIN);
    }

    private static RoutingTable made(Change change, RoutingTable table) throws ChangeRefused {
        return change.applyTo(table, PLAIN);
    }

    @Test
    void rollbackEndsAHoldInTheSameRevision() throws Exception {
        RoutingTable held = held(made(new SwitchTo(Optional.empty()), fresh), false);

        RoutingTable back = made(new Rollback(), held);

        assertThat(back.active()).isEqualTo(Colour.BLUE);
        assertThat(back.hold()).isNull();
        assertThat(back.revision()).isEqualTo(held.revision() + 1);
    }

    /** It would go to the colour that was active before: that is where a rollback must not go then. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rollbackCallsOffTheSwitchUnderAHold(boolean switchedBefore) throws Exception {
        RoutingTable before = switchedBefore ? made(new SwitchTo(Optional.empty()), fresh) : fresh;
        RoutingTable held = held(before, true);
        Colour active = before.active();

        RoutingTable back = made(new Rollback(), held);

        assertThat(new Rollback().target(held)).isEqualTo(active);
        assertThat(back.active()).isEqualTo(active);
        assertThat(back.hold()).isNull();
        assertThat(back.revision()).isEqualTo(held.revision() + 1);
        assertThat(back.takesTraffic(active)).isTrue();
        assertThatThrownBy(() -> made(new SwitchHeld(active.other(), GateTerms.NONE, held.revision()), back))
                .isInstanceOfSatisfying(ChangeRefused.class, refused -> assertThat(refused.kind())
                        .isEqualTo(Kind.HELD_SWITCH_FAILED))
                .hasMessageContaining("the hold has ended meanwhile");
    }

    /** Else a rollback would call off a switch that had been made, and leave users on the new colour. */
    @Test
    void nothingElseMovesTrafficWhileASwitchWaitsUnderAHold() throws Exception {
        RoutingTable held = held(fresh, true);
        // To stay where it is is no way to call the switch off either.
        assertThatThrownBy(() -> made(new SwitchTo(Optional.of(Colour.BLUE)), held))
                .hasMessageContaining("a rollback calls it off");
        List<Change> others = List.of(
                new SwitchTo(Optional.empty()),
                new SwitchTo(Optional.of(Colour.GREEN)),
                new StartCanary(Optional.empty(), "r", States.watchedCanary()),
                new Hold(NOW.plusSeconds(10), 10, 1000, ""),
                new Hold(NOW.plusSeconds(10), 10, 1000, "", Optional.of(Colour.GREEN)));

        for (Change other : others) {
            assertThatThrownBy(() -> made(other, held))
                    .isInstanceOfSatisfying(ChangeRefused.class, refused -> assertThat(refused.kind())
                            .isEqualTo(Kind.RELEASE_IN_PROGRESS))
                    .hasMessageStartingWith("a switch to green is under way, and requests wait for it");
            assertThat(made(other, held(fresh, false)).revision()).isEqualTo(held.revision() + 1);
        }
        assertThat(made(new SwitchHeld(Colour.GREEN, GateTerms.NONE, held.revision()), held)
                        .active())
                .isEqualTo(Colour.GREEN);
    }

    @Test
    void holdThatHasPassedIsNoneToCallOff() throws Exception {
        RoutingTable switched = made(new SwitchTo(Optional.empty()), fresh);
        RoutingTable passed = switched.withOrders(switched.orders()
                .withHold(new HoldOrder(
                        9, NOW.minusSeconds(30), NOW.minusSeconds(1), 10, 1000, "", Optional.of(Colour.BLUE))));

        RoutingTable back = made(new Rollback(), passed);

        assertThat(back.active()).isEqualTo(Colour.BLUE);
        assertThat(back.hold()).isNull();
    }

    @Test
    void rollbackBeforeAnySwitchEndsAHold() throws Exception {
        RoutingTable back = made(new Rollback(), held(fresh, false));

        assertThat(back.hold()).isNull();
        assertThat(back.active()).isEqualTo(Colour.BLUE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void abortAndAutomaticRollbackEndAHoldWhereverTheTrafficIs(boolean auto) throws Exception {
        RoutingTable canary = made(new StartCanary(Optional.empty(), "r", States.watchedCanary()), fresh);
        RoutingTable baking = made(new Promote(true), canary);
        assertThat(baking.active()).isEqualTo(Colour.GREEN);

        for (RoutingTable table : List.of(canary, baking)) {
            RoutingTable held = held(table, false);
            RoutingTable back = made(new Abort(auto), held);

            assertThat(back.active()).isEqualTo(Colour.BLUE);
            assertThat(back.release()).isNull();
            assertThat(back.hold()).isNull();
            assertThat(back.revision()).isEqualTo(held.revision() + 1);
        }
    }
}
