package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.config.GateSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.control.HoldChange.Hold;
import dev.turnout.proxy.control.HoldChange.SwitchHeld;
import dev.turnout.proxy.control.ReleaseChange.NextStep;
import dev.turnout.proxy.control.ReleaseChange.Promote;
import dev.turnout.proxy.control.ReleaseChange.SetWeight;
import dev.turnout.proxy.control.ReleaseChange.StartCanary;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.release.Plans;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever moves the traffic asks whether the new colour could bear it, not the plain switch alone. */
class ReleaseGateTest {

    private static final Instant NOW = States.NOON;
    private static final int HALF = Bucket.COUNT / 2;

    /** Two backends each; one of green is down. */
    private final RoutingTable table = new RoutingTable(
            7, Colour.BLUE, Optional.empty(), pool(Colour.BLUE, true), pool(Colour.GREEN, false), Orders.NONE);

    @Test
    void canaryBeginsOnlyOnAPoolThatCouldBearAll() throws Exception {
        assertRefused(start(), table, 51);

        assertThat(start().applyTo(table, conditions(50, false)).release()).isNotNull();
        assertThat(start().applyTo(table, conditions(51, true)).release()).isNotNull();
    }

    @Test
    void planAsksForMoreOrLessThanTheSettings() throws Exception {
        assertRefused(gated(51), table, 0);

        assertThat(gated(50).applyTo(table, conditions(100, false)).release()).isNotNull();
    }

    @Test
    void planRemembersWhatItAskedForUntilTheTrafficMoves() throws Exception {
        RoutingTable canary = gated(50).applyTo(table, conditions(100, false));

        assertThat(new Promote(true).applyTo(canary, conditions(100, false)).active())
                .isEqualTo(Colour.GREEN);
    }

    @Test
    void promotionAsks() throws Exception {
        RoutingTable canary = start().applyTo(table, conditions(0, false));

        assertRefused(new Promote(true), canary, 51);
        assertThat(new Promote(true).applyTo(canary, conditions(50, false)).active())
                .isEqualTo(Colour.GREEN);
        assertThat(new Promote(true).applyTo(canary, conditions(51, true)).active())
                .isEqualTo(Colour.GREEN);
    }

    /** By hand, and by the clock: both are the same command. */
    @Test
    void stepThatGivesAllOfTheTrafficAsksAndOthersDoNot() throws Exception {
        RoutingTable canary = start().applyTo(table, conditions(0, false));
        RoutingTable half = new NextStep().applyTo(canary, conditions(100, false));

        assertThat(half.canaryShare()).isEqualTo(0.5);
        assertRefused(new NextStep(), half, 51);
        assertRefused(new Promote(false), half, 51);
        assertThat(new NextStep().applyTo(half, conditions(50, false)).canaryShare())
                .isEqualTo(1);
    }

    @Test
    void weightOfAllAsks() throws Exception {
        RoutingTable canary = start().applyTo(table, conditions(0, false));

        assertRefused(new SetWeight(Bucket.COUNT), canary, 51);
        assertThat(new SetWeight(Bucket.COUNT - 1)
                        .applyTo(canary, conditions(51, false))
                        .canaryShare())
                .isLessThan(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 51})
    void heldSwitchAsksForTheShareOfItsBody(int percent) throws Exception {
        RoutingTable held = new Hold(NOW.plusSeconds(30), 10, 1000, "").applyTo(table, conditions(0, false));
        SwitchHeld change = new SwitchHeld(
                Colour.GREEN,
                healthy(percent),
                held.orders().hold().orElseThrow().revision());

        if (percent > 50) {
            assertRefused(change, held, 0);
        } else {
            assertThat(change.applyTo(held, conditions(100, false)).active()).isEqualTo(Colour.GREEN);
        }
    }

    @Test
    void newColourMustHaveTheWeightThatCarriesTheTraffic() throws Exception {
        Conditions asksForAll = conditions(new GateSettings(0, 100), false);
        SwitchTo plain = new SwitchTo(Optional.of(Colour.GREEN));

        assertThatThrownBy(() -> plain.applyTo(table, asksForAll))
                .isInstanceOfSatisfying(ChangeRefused.class, refused -> assertThat(refused.kind())
                        .isEqualTo(Kind.GATE_FAILED))
                .hasMessage("the usable backends of green have a weight of 1 in all, which is 50 % of the 2 of blue,"
                        + " and at least 100 % are asked for");
        assertThatThrownBy(() -> start().applyTo(table, asksForAll)).hasMessageContaining("50 % of the 2 of blue");
        GateTerms half = new GateTerms(OptionalInt.empty(), OptionalInt.of(50));
        assertThat(new SwitchTo(plain.to(), Optional.empty(), half)
                        .applyTo(table, asksForAll)
                        .active())
                .isEqualTo(Colour.GREEN);
        assertThat(plain.applyTo(table, conditions(new GateSettings(0, 100), true))
                        .active())
                .isEqualTo(Colour.GREEN);
    }

    @Test
    void nobodyIsAskedForTheWeightOfAColourThatServesNobody() throws Exception {
        RoutingTable dead = new RoutingTable(
                7,
                Colour.BLUE,
                Optional.empty(),
                new Pool(Colour.BLUE, "", BalancerKind.LEAST_REQUESTS, List.of()),
                table.green(),
                Orders.NONE);

        assertThat(new SwitchTo(Optional.of(Colour.GREEN))
                        .applyTo(dead, conditions(new GateSettings(0, 100), false))
                        .active())
                .isEqualTo(Colour.GREEN);
    }

    /** One that its records put first is down, three that stand by for it are used. */
    @Test
    void thoseThatStandByAreNoMoreThanAll() {
        List<Pool.Member> members = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Backend backend = new Backend(Colour.GREEN, new BackendAddress("127.0.0.1", 9000 + i), 1);
            backend.setHealth(i == 0 ? HealthView.UNKNOWN : HealthView.UNCHECKED, System.nanoTime());
            members.add(new Pool.Member(
                    backend, 1, Pool.Duty.SERVING, Optional.of(new BackendName("app.internal", 80)), i == 0 ? 10 : 20));
        }
        Pool green = new Pool(Colour.GREEN, "", BalancerKind.LEAST_REQUESTS, members);

        SwitchGate gate = SwitchGate.of(
                new RoutingTable(7, Colour.BLUE, Optional.empty(), table.blue(), green, Orders.NONE), Colour.GREEN);

        assertThat(green.wanted()).isEqualTo(1);
        assertThat(gate.usable()).isEqualTo(3);
        assertThat(gate.total()).isEqualTo(3);
        assertThat(gate.healthyPercent()).isEqualTo(100);
    }

    private static StartCanary gated(int percent) {
        return new StartCanary(Optional.empty(), "r", plan().gated(healthy(percent)));
    }

    private static StartCanary start() {
        return new StartCanary(Optional.empty(), "r", plan());
    }

    private static CanaryPlan plan() {
        return Plans.of(
                new Aftercare(Duration.ZERO, 0, Duration.ZERO),
                new Step(100, Duration.ZERO, 0, false),
                new Step(HALF, Duration.ZERO, 0, false),
                new Step(Bucket.COUNT, Duration.ZERO, 0, false));
    }

    private static void assertRefused(Change change, RoutingTable table, int minHealthy) {
        assertThatThrownBy(() -> change.applyTo(table, conditions(minHealthy, false)))
                .isInstanceOfSatisfying(ChangeRefused.class, refused -> assertThat(refused.kind())
                        .isEqualTo(Kind.GATE_FAILED))
                .hasMessageContaining("1 of 2 backends of green are usable");
    }

    private static GateTerms healthy(int percent) {
        return new GateTerms(OptionalInt.of(percent), OptionalInt.empty());
    }

    private static Conditions conditions(int minHealthy, boolean force) {
        return conditions(new GateSettings(minHealthy, 0), force);
    }

    private static Conditions conditions(GateSettings gate, boolean force) {
        return States.conditions(gate, force);
    }

    private static Pool pool(Colour colour, boolean allUp) {
        List<Pool.Member> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Backend backend = new Backend(colour, new BackendAddress("127.0.0.1", 9000 + i), 1);
            backend.setHealth(allUp || i == 0 ? HealthView.UNCHECKED : HealthView.UNKNOWN, System.nanoTime());
            members.add(new Pool.Member(backend, 1));
        }
        return new Pool(colour, "", BalancerKind.LEAST_REQUESTS, members);
    }
}
