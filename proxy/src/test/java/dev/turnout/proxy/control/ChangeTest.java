package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.config.GateSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.control.Change.DrainPool;
import dev.turnout.proxy.control.Change.Rollback;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.control.Change.UndrainPool;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.release.Baseline;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangeTest {

    private static final Instant NOW = States.NOON;
    private static final Duration DRAIN = Duration.ofMinutes(5);
    private static final Conditions PLAIN = conditions(false, false, NOW.minusSeconds(60));
    private static final Conditions FORCED = conditions(true, false, NOW.minusSeconds(60));
    private static final DrainOrder BLUE_DRAIN = new DrainOrder(Colour.BLUE, NOW, NOW.plus(DRAIN), OnDeadline.REPORT);

    private final RoutingTable fresh = new RoutingTable(
            7, Colour.BLUE, Optional.empty(), pool(Colour.BLUE, 1), pool(Colour.GREEN, 1), Orders.NONE);

    @Test
    void maintenanceChangesNothingElseAndNothingElseEndsIt() throws ChangeRefused {
        RoutingTable on = new Change.Maintenance(true).applyTo(fresh, PLAIN);
        RoutingTable switched = new Change.SwitchTo(Optional.of(Colour.GREEN)).applyTo(on, PLAIN);

        assertThat(on.maintenance()).isTrue();
        assertThat(on.active()).isEqualTo(fresh.active());
        assertThat(on.orders().drains()).isEqualTo(fresh.orders().drains());
        assertThat(on.revision()).isEqualTo(fresh.revision() + 1);
        assertThat(new Change.Maintenance(true).applyTo(on, PLAIN)).isSameAs(on);
        assertThat(switched.maintenance()).isTrue();
        assertThat(switched.refreshed().maintenance()).isTrue();
        assertThat(switched.withOrders(switched.orders().withoutDrain(Colour.BLUE))
                        .maintenance())
                .isTrue();
        assertThat(new Change.Maintenance(false).applyTo(switched, PLAIN).maintenance())
                .isFalse();
    }

    @Test
    void switchMakesTheOtherColourActiveAndDrainsTheOld() throws Exception {
        RoutingTable next = new SwitchTo(Optional.empty()).applyTo(fresh, PLAIN);

        assertThat(next.active()).isEqualTo(Colour.GREEN);
        assertThat(next.previous()).contains(Colour.BLUE);
        assertThat(next.revision()).isEqualTo(8);
        assertThat(next.orders().drains()).containsExactly(BLUE_DRAIN);
        assertThat(next.blue()).isSameAs(fresh.blue());
        assertThat(fresh.active()).isEqualTo(Colour.BLUE);
    }

    @Test
    void switchToTheActiveColourChangesNothing() throws Exception {
        assertThat(new SwitchTo(Optional.of(Colour.BLUE)).applyTo(fresh, PLAIN)).isSameAs(fresh);
    }

    @Test
    void switchLiftsTheDrainOfItsTarget() throws Exception {
        RoutingTable drained =
                fresh.withOrders(fresh.orders().withDrain(new DrainOrder(Colour.GREEN, NOW, NOW, OnDeadline.CLOSE)));

        RoutingTable next = new SwitchTo(Optional.of(Colour.GREEN)).applyTo(drained, PLAIN);

        assertThat(next.orders().drains()).containsExactly(BLUE_DRAIN);
        assertThat(next.takesTraffic(Colour.GREEN)).isTrue();
    }

    @Test
    void switchToAnActiveColourThatIsDrainedOpensItAgain() throws Exception {
        RoutingTable next = new SwitchTo(Optional.of(Colour.BLUE))
                .applyTo(fresh.withOrders(fresh.orders().withDrain(BLUE_DRAIN)), PLAIN);

        assertThat(next.takesTraffic(Colour.BLUE)).isTrue();
        assertThat(next.previous()).isEmpty();
    }

    @Test
    void switchWithoutATargetIsRefusedShortlyAfterTheLast() throws Exception {
        RoutingTable switched = new SwitchTo(Optional.empty()).applyTo(fresh, PLAIN);
        Change again = new SwitchTo(Optional.empty());

        assertRefused(again, switched, conditions(false, false, NOW.minusMillis(4999)), Kind.RECENTLY_SWITCHED);
        assertRefused(again, switched, conditions(true, false, NOW), Kind.RECENTLY_SWITCHED);
        assertThat(again.applyTo(switched, conditions(false, false, NOW.minusSeconds(5)))
                        .active())
                .isEqualTo(Colour.BLUE);
        assertThat(again.applyTo(switched, conditions(false, true, NOW)).active())
                .isEqualTo(Colour.BLUE);
        assertThat(again.applyTo(switched, conditions(false, false, NOW.plusSeconds(3600)))
                        .active())
                .as("clock set back")
                .isEqualTo(Colour.BLUE);
    }

    @Test
    void switchWithATargetIsNotGuarded() throws Exception {
        RoutingTable switched = new SwitchTo(Optional.empty()).applyTo(fresh, PLAIN);

        assertThat(new SwitchTo(Optional.of(Colour.BLUE))
                        .applyTo(switched, conditions(false, false, NOW))
                        .active())
                .isEqualTo(Colour.BLUE);
    }

    @Test
    void firstSwitchIsNotGuardedHoweverYoungTheProcess() throws Exception {
        assertThat(new SwitchTo(Optional.empty())
                        .applyTo(fresh, conditions(false, false, NOW))
                        .active())
                .isEqualTo(Colour.GREEN);
    }

    @Test
    void switchToAPoolWithoutAUsableBackendIsRefusedUnlessForced() throws Exception {
        Pool green = pool(Colour.GREEN, 0, 1);
        HealthView refused = new HealthView(false, NOW, NOW, 1, "connection refused");
        green.members().get(1).backend().setHealth(refused, System.nanoTime());
        RoutingTable table =
                new RoutingTable(7, Colour.BLUE, Optional.empty(), fresh.blue(), green.refreshed(), Orders.NONE);
        Change change = new SwitchTo(Optional.empty());

        assertThatThrownBy(() -> change.applyTo(table, PLAIN))
                .hasMessage("green has no backend that is up and has a weight:"
                        + " 127.0.0.1:9000 weight 0, up (health checks are off);"
                        + " 127.0.0.1:9001 weight 1, down (connection refused)");
        assertRefused(change, table, PLAIN, Kind.NO_USABLE_BACKEND);
        assertThat(change.applyTo(table, FORCED).active()).isEqualTo(Colour.GREEN);
    }

    @Test
    void rollbackToAnEmptyPoolIsRefusedUnlessForced() throws Exception {
        RoutingTable table = new RoutingTable(
                7, Colour.BLUE, Optional.of(Colour.GREEN), fresh.blue(), pool(Colour.GREEN), Orders.NONE);

        assertThatThrownBy(() -> new Rollback().applyTo(table, PLAIN)).hasMessage("green has no backends");
        assertThat(new Rollback().applyTo(table, FORCED).active()).isEqualTo(Colour.GREEN);
    }

    @Test
    void rollbackGoesBackAtOnceAndIsNotGuarded() throws Exception {
        RoutingTable switched = new SwitchTo(Optional.empty()).applyTo(fresh, PLAIN);

        RoutingTable back = new Rollback().applyTo(switched, conditions(false, false, NOW));

        assertThat(back.active()).isEqualTo(Colour.BLUE);
        assertThat(back.previous()).contains(Colour.GREEN);
        assertThat(back.drain(Colour.BLUE)).isEmpty();
        assertThat(back.drain(Colour.GREEN)).isPresent();
        assertThat(back.revision()).isEqualTo(9);
    }

    @Test
    void rollbackNeverGoesForwardHoweverLongAgoTrafficWentBack() throws Exception {
        RoutingTable back = new Rollback().applyTo(new SwitchTo(Optional.empty()).applyTo(fresh, PLAIN), PLAIN);
        Instant wentBack = NOW.minusSeconds(3600);

        assertRefused(new Rollback(), back, conditions(true, true, NOW, wentBack), Kind.ALREADY_ROLLED_BACK);
        assertThatThrownBy(() -> new Rollback().applyTo(back, conditions(false, false, NOW, wentBack)))
                .hasMessage(
                        "traffic was taken from green, or kept from it, at " + wentBack.truncatedTo(ChronoUnit.SECONDS)
                                + ", and a rollback never goes there again: switch to green if it has what users are to get");
        assertThat(new SwitchTo(Optional.of(Colour.GREEN))
                        .applyTo(back, conditions(false, false, NOW, wentBack))
                        .active())
                .isEqualTo(Colour.GREEN);
    }

    @Test
    void rollbackBeforeAnySwitchIsRefused() {
        assertRefused(new Rollback(), fresh, FORCED, Kind.NO_PREVIOUS_COLOUR);
    }

    @Test
    void drainOfTheActivePoolIsRefusedUnlessForced() throws Exception {
        Change drain = new DrainPool(Colour.BLUE, Optional.empty(), OnDeadline.REPORT);

        assertRefused(drain, fresh, PLAIN, Kind.POOL_IS_ACTIVE);
        RoutingTable next = drain.applyTo(fresh, FORCED);
        assertThat(next.orders().drains()).containsExactly(BLUE_DRAIN);
        assertThat(next.takesTraffic(Colour.BLUE)).isFalse();
    }

    @Test
    void drainGivenAgainChangesNothingButWhatItNames() throws Exception {
        DrainOrder standing = new DrainOrder(Colour.GREEN, NOW.minusSeconds(9), NOW.plusSeconds(9), OnDeadline.REPORT);
        RoutingTable draining = fresh.withOrders(fresh.orders().withDrain(standing));

        assertThat(new DrainPool(Colour.GREEN, Optional.empty(), OnDeadline.REPORT).applyTo(draining, PLAIN))
                .isSameAs(draining);
        assertThat(new DrainPool(Colour.GREEN, Optional.empty(), OnDeadline.CLOSE)
                        .applyTo(draining, PLAIN)
                        .orders()
                        .drains())
                .containsExactly(new DrainOrder(Colour.GREEN, standing.since(), standing.deadline(), OnDeadline.CLOSE));
        assertThat(new DrainPool(Colour.GREEN, Optional.of(Duration.ofSeconds(30)), OnDeadline.REPORT)
                        .applyTo(draining, PLAIN)
                        .orders()
                        .drains())
                .containsExactly(
                        new DrainOrder(Colour.GREEN, standing.since(), NOW.plusSeconds(30), OnDeadline.REPORT));
    }

    @Test
    void drainOfAnActivePoolThatIsDrainedAlreadyNeedsNoForce() throws Exception {
        RoutingTable draining = fresh.withOrders(fresh.orders().withDrain(BLUE_DRAIN));

        assertThat(new DrainPool(Colour.BLUE, Optional.empty(), OnDeadline.REPORT).applyTo(draining, PLAIN))
                .isSameAs(draining);
    }

    @Test
    void undrainTakesBackTheOrderOfThatPoolAlone() throws Exception {
        DrainOrder green = new DrainOrder(Colour.GREEN, NOW, NOW, OnDeadline.REPORT);
        RoutingTable both =
                fresh.withOrders(fresh.orders().withDrain(BLUE_DRAIN).withDrain(green));

        RoutingTable next = new UndrainPool(Colour.BLUE).applyTo(both, PLAIN);

        assertThat(next.orders().drains()).containsExactly(green);
        assertThat(next.takesTraffic(Colour.BLUE)).isTrue();
        assertThat(new UndrainPool(Colour.GREEN).applyTo(next, PLAIN).takesTraffic(Colour.GREEN))
                .isFalse();
    }

    @Test
    void undrainWithoutAnOrderChangesNothing() throws Exception {
        assertThat(new UndrainPool(Colour.GREEN).applyTo(fresh, PLAIN)).isSameAs(fresh);
    }

    private static void assertRefused(Change change, RoutingTable table, Conditions conditions, Kind kind) {
        assertThatThrownBy(() -> change.applyTo(table, conditions)).isInstanceOfSatisfying(ChangeRefused.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.revision()).isEqualTo(table.revision());
        });
    }

    private static Conditions conditions(boolean force, boolean repeatable, Instant activeSince) {
        return conditions(force, repeatable, activeSince, null);
    }

    private static Conditions conditions(
            boolean force, boolean repeatable, Instant activeSince, @Nullable Instant wentBack) {
        return conditions(force, repeatable, activeSince, wentBack, "");
    }

    private static Conditions conditions(
            boolean force, boolean repeatable, Instant activeSince, @Nullable Instant wentBack, String leftWith) {
        return new Conditions(
                NOW,
                activeSince,
                Optional.ofNullable(wentBack),
                leftWith,
                DRAIN,
                Duration.ofSeconds(5),
                force,
                repeatable,
                new BackendFactory(1),
                GateSettings.OPEN,
                Baseline.UNKNOWN);
    }

    private static Pool pool(Colour colour, int... weights) {
        List<Pool.Member> members = new ArrayList<>();
        for (int weight : weights) {
            Backend backend = new Backend(colour, new BackendAddress("127.0.0.1", 9000 + members.size()), 1);
            backend.setHealth(HealthView.UNCHECKED, System.nanoTime());
            members.add(new Pool.Member(backend, weight));
        }
        return new Pool(colour, "", BalancerKind.ROUND_ROBIN, members);
    }
}
