package dev.turnout.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.OutlierSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.request.AnyRequest;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Between the failure that is one too many and the table without its backend. Nothing makes a table here but the test itself. */
class SuspectBackendTest {

    private static final int IN_A_ROW = 3;
    private static final int PICKS = 200;

    private final Backend one = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 1), 1);
    private final Backend two = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 2), 1);
    private Switchboard switchboard;
    private HealthMonitor monitor;

    @AfterEach
    void close() {
        if (monitor != null) {
            monitor.close();
        }
    }

    @Test
    void requestsKeepAwayUntilTheTableDoes() throws Exception {
        start(50);

        fail(one, IN_A_ROW - 1);
        assertThat(picksOf(one)).isPositive();
        fail(one, 1);
        assertThat(picksOf(one)).isZero();
        Await.until("it is ejected", one::isEjected);
        // What was under way fails as well, and changes nothing.
        fail(one, IN_A_ROW);
        assertThat(picksOf(one)).isZero();

        refresh();
        Await.until("the table says so", () -> !one.isSuspect());
        assertThat(picksOf(one)).isZero();
    }

    @Test
    void whatTheRetryAvoidsIsNoWayOutOfOneThatIsSuspect() throws Exception {
        start(50);

        fail(one, IN_A_ROW);

        assertThat(pool().pick(new AnyRequest(), two)).isSameAs(one);
        assertThat(pool().pick(new AnyRequest(), one)).isSameAs(two);
    }

    @ParameterizedTest
    @EnumSource
    void theOneThatIsNeitherSuspectNorJustTriedIsFound(BalancerKind kind) {
        Backend three = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 3), 1);
        List<Backend> all = List.of(one, two, three);
        all.forEach(backend -> backend.setHealth(HealthView.UNCHECKED, System.nanoTime()));
        Pool pool = new Pool(
                Colour.BLUE,
                "",
                kind,
                all.stream().map(backend -> new Pool.Member(backend, 1)).toList());

        one.suspect();
        for (int i = 0; i < PICKS; i++) {
            assertThat(pool.pick(new AnyRequest(), two)).isSameAs(three);
        }
        two.suspect();
        for (int i = 0; i < PICKS; i++) {
            assertThat(pool.pick(new AnyRequest(), null)).isSameAs(three);
        }
    }

    @Test
    void oneThatCannotBeSparedIsUsedOn() throws Exception {
        start(0);

        fail(one, IN_A_ROW);

        Await.until("that was decided", () -> one.ejectionOverflows() == 1 && !one.isSuspect());
        assertThat(one.isEjected()).isFalse();
        assertThat(picksOf(one)).isPositive();
    }

    /** @param between whether there is a table between the two; without one the last table has them both as the first had */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereAllAreEjectedNoneIsPassedOver(boolean between) throws Exception {
        start(100);

        fail(one, IN_A_ROW);
        Await.until("the first is ejected", one::isEjected);
        if (between) {
            refresh();
        }
        fail(two, IN_A_ROW);
        Await.until("the second is ejected", two::isEjected);
        refresh();

        Await.until("both are used", () -> !one.isSuspect() && !two.isSuspect());
        assertThat(picksOf(one)).isBetween(1, PICKS - 1);
    }

    private void start(int mostEjectedPercent) throws Exception {
        Pool blue = new Pool(
                Colour.BLUE,
                PoolSettings.unchecked("").judgedBy(PoolSettings.unchecked("").health(), ejecting(mostEjectedPercent)),
                BalancerSettings.of(BalancerKind.RANDOM),
                List.of(new Pool.Member(one, 1), new Pool.Member(two, 1)));
        Pool green = new Pool(Colour.GREEN, "", BalancerKind.RANDOM, List.of());
        switchboard = new Switchboard(new RoutingTable(1, Colour.BLUE, Optional.empty(), blue, green, Orders.NONE));
        monitor = new HealthMonitor(switchboard, () -> {});
        monitor.start().toCompletableFuture().get(20, TimeUnit.SECONDS);
        refresh();
    }

    private static OutlierSettings ejecting(int mostPercent) {
        OutlierSettings off = OutlierSettings.OFF;
        Duration anHour = Duration.ofHours(1);
        return new OutlierSettings(
                0,
                IN_A_ROW,
                off.successRate(),
                off.successRateBackends(),
                off.successRateRequests(),
                off.successRateDeviation(),
                anHour,
                anHour,
                anHour,
                mostPercent,
                off.panicThreshold());
    }

    private void refresh() {
        switchboard.publish(switchboard.current().refreshed());
    }

    private Pool pool() {
        return switchboard.current().pool(Colour.BLUE);
    }

    private static void fail(Backend backend, int times) {
        for (int i = 0; i < times; i++) {
            Objects.requireNonNull(backend.tryLease()).close(Outcome.SERVER_ERROR);
        }
    }

    private int picksOf(Backend backend) {
        int picks = 0;
        for (int i = 0; i < PICKS; i++) {
            picks += pool().pick(new AnyRequest(), null) == backend ? 1 : 0;
        }
        return picks;
    }
}
