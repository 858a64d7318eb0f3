package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.NamedBackends;
import dev.turnout.config.OutlierSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.request.AnyRequest;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamedPoolsTest {

    private static final BackendFactory FACTORY = new BackendFactory(1);
    private static final BackendName APP = new BackendName("app.internal", 80);
    private static final BackendName SRV = new BackendName("_http._tcp.app", 0);
    private static final HealthSettings PROBED =
            new SettingsBuilder().build().blue().health();

    private RoutingTable table = table(new NamedBackends(APP, 3), new NamedBackends(SRV, 1));

    @Test
    void eachAddressIsABackendThatStartsDown() {
        found(APP, at(1), at(2));

        assertThat(blue()).containsExactly("1*3 SERVING", "2*3 SERVING");
        assertThat(pool().members()).allSatisfy(member -> {
            assertThat(member.name()).contains(APP);
            assertThat(member.backend().isUp()).isFalse();
            assertThat(member.backend().authority()).isEqualTo("app.internal:80");
        });
        assertThat(table.revision()).isEqualTo(7);
    }

    @Test
    void sameAnswerChangesNothing() {
        found(APP, at(1));
        RoutingTable before = table;

        found(APP, at(1));

        assertThat(table).isEqualTo(before);
    }

    @Test
    void nameThatIsNotInThePoolIsPassedOver() {
        RoutingTable before = table;

        found(new BackendName("other", 80), at(1));

        assertThat(table).isEqualTo(before);
    }

    @Test
    void recordsOfAnSrvNameHaveTheirOwnWeights() {
        found(SRV, new Found(address(1), 40, 10, "a:80"), new Found(address(2), 60, 20, "b:80"));

        assertThat(blue()).containsExactly("1*40 SERVING", "2*60 SERVING");
    }

    @Test
    void ofSeveralPrioritiesTheFirstThatIsUsableGetsTheRequests() {
        found(SRV, new Found(address(1), 50, 10, "a:80"), new Found(address(2), 50, 20, "b:80"));
        found(APP, at(3));
        up(2);
        up(3);
        table = table.refreshed();
        assertThat(pool().usable()).isEqualTo(2);
        assertThat(pool().wanted()).isEqualTo(2);

        up(1);
        table = table.refreshed();

        assertThat(pool().usable()).isEqualTo(2);
        assertThat(pool().balancer().pick(new AnyRequest(), backend(3))).isSameAs(backend(1));
    }

    @Test
    void oldOnesServeUntilAllNewOnesWereProbedAndEnoughAreUsable() {
        found(APP, at(1), at(2));
        up(1);
        up(2);
        Backend first = backend(1);

        found(APP, at(3), at(4));
        assertThat(blue()).containsExactly("3*3 SERVING", "4*3 SERVING", "1*3 SERVING", "2*3 SERVING");
        assertThat(backend(1)).isSameAs(first);

        up(3);
        settle();
        assertThat(blue()).contains("1*3 SERVING", "2*3 SERVING");

        down(4);
        settle();
        assertThat(blue()).containsExactly("3*3 SERVING", "4*3 SERVING", "1*3 LEAVING", "2*3 LEAVING");
    }

    @Test
    void wrongAnswerTakesNobodyDown() {
        found(APP, at(1));
        up(1);

        found(APP, at(3));
        down(3);
        settle();

        assertThat(blue()).containsExactly("3*3 SERVING", "1*3 SERVING");
    }

    @ParameterizedTest
    @CsvSource({
        // Usable before, in the answer, usable of them, whether that is enough.
        "1, 1, 0, false",
        "1, 1, 1, true",
        "1, 9, 1, true",
        "4, 4, 1, false",
        "4, 4, 2, true",
        "5, 5, 2, false",
        "5, 5, 3, true",
        "9, 1, 1, true",
        "9, 2, 1, true",
        "9, 3, 1, false",
        "9, 3, 2, true",
        "3, 9, 1, false",
        "3, 9, 2, true"
    })
    void halfOfThemMustBeUsableForTheOldOnesToLeave(int before, int listed, int usable, boolean enough) {
        found(APP, range(1, before));
        IntStream.rangeClosed(1, before).forEach(this::up);

        found(APP, range(101, listed));
        for (int i = 0; i < listed; i++) {
            if (i < usable) {
                up(101 + i);
            } else {
                down(101 + i);
            }
        }
        settle();

        Duty old = enough ? Duty.LEAVING : Duty.SERVING;
        assertThat(pool().members()).hasSize(listed + before);
        assertThat(pool().members().subList(listed, listed + before)).allMatch(member -> member.duty() == old);
    }

    @Test
    void backendThatWasGivenIsNoReplacementForThoseOfAName() {
        Pool.Member given = new Pool.Member(new Backend(Colour.BLUE, address(9), 1), 1);
        table = table.withPool(pool().with(pool().edit(), List.of(given)));
        up(9);
        found(APP, at(1));
        up(1);

        found(APP, at(2));
        down(2);
        settle();
        assertThat(blue()).containsExactly("9*1 SERVING", "2*3 SERVING", "1*3 SERVING");

        found(APP);
        assertThat(blue()).containsExactly("9*1 SERVING", "2*3 LEAVING", "1*3 LEAVING");
    }

    @Test
    void afterAStartOldOnesCountBeforeTheyAreProbed() {
        found(APP, range(1, 4));
        found(APP, range(101, 4));
        up(101);
        IntStream.rangeClosed(102, 104).forEach(this::down);
        settle();
        assertThat(blue()).contains("1*3 SERVING", "4*3 SERVING");

        IntStream.rangeClosed(1, 4).forEach(this::down);
        settle();
        assertThat(blue()).contains("1*3 LEAVING", "4*3 LEAVING");
    }

    @Test
    void onceNoOldOneIsUsableAnyNewOneWillDo() {
        found(APP, range(1, 4));
        IntStream.rangeClosed(1, 4).forEach(this::up);
        found(APP, range(101, 4));
        up(101);
        IntStream.rangeClosed(102, 104).forEach(this::down);
        settle();
        assertThat(blue()).contains("1*3 SERVING");

        Instant now = Instant.EPOCH;
        for (int i = 1; i <= 4; i++) {
            backend(i).setEjection(new Ejection(now, now, 1, "5xx"), System.nanoTime());
        }
        settle();

        assertThat(blue()).contains("101*3 SERVING", "1*3 LEAVING");
    }

    @Test
    void ofThoseThatManyAnswersLedToOnlyWhoIsUpIsKept() {
        found(APP, at(1));
        up(1);

        for (int i = 2; i <= 9; i++) {
            found(APP, at(i));
            down(i);
            settle();
            table = NamedPools.withoutDrained(table);
        }

        assertThat(blue()).containsExactly("9*3 SERVING", "1*3 SERVING");
    }

    @Test
    void whoWasNotProbedYetIsKept() {
        found(APP, at(1));

        found(APP, at(2));
        assertThat(blue()).containsExactly("2*3 SERVING", "1*3 SERVING");

        down(1);
        settle();
        assertThat(blue()).containsExactly("2*3 SERVING", "1*3 LEAVING");
    }

    @Test
    void thoseThatAreKeptAreSavedUntilTheyGo() {
        found(SRV, new Found(address(1), 40, 10, "a:80"), new Found(address(2), 60, 20, "b:80"));
        up(1);
        up(2);

        found(SRV, new Found(address(3), 1, 0, "c:80"));

        assertThat(SavedName.of(List.of(pool())))
                .containsExactly(new SavedName(
                        Colour.BLUE,
                        SRV,
                        List.of(
                                new Found(address(3), 1, 0, "c:80"),
                                new Found(address(1), 40, 10, "a:80"),
                                new Found(address(2), 60, 20, "b:80"))));

        up(3);
        settle();

        assertThat(SavedName.of(List.of(pool())))
                .containsExactly(new SavedName(Colour.BLUE, SRV, List.of(new Found(address(3), 1, 0, "c:80"))));
    }

    @Test
    void poolThatTakesNoRequestsLetsThemGoAtOnce() {
        found(APP, at(1));
        up(1);
        table = table.withOrders(Orders.NONE.withDrain(
                new DrainOrder(Colour.BLUE, Instant.EPOCH, Instant.EPOCH, DrainOrder.OnDeadline.REPORT)));

        found(APP, at(3));

        assertThat(blue()).containsExactly("3*3 SERVING", "1*3 LEAVING");
    }

    @Test
    void poolThatARollbackWouldGoBackToKeepsThemAsOneThatServes() {
        found(APP, at(1));
        up(1);
        table = table.withActive(
                Colour.GREEN, new DrainOrder(Colour.BLUE, Instant.EPOCH, Instant.EPOCH, DrainOrder.OnDeadline.REPORT));

        found(APP, at(3));
        assertThat(blue()).containsExactly("3*3 SERVING", "1*3 SERVING");

        up(3);
        settle();
        assertThat(blue()).containsExactly("3*3 SERVING", "1*3 LEAVING");
    }

    @Test
    void nameThatLeadsNowhereKeepsTheLastOfAServingPool() {
        found(APP, at(1), at(2));
        up(1);
        up(2);

        found(APP);
        assertThat(blue()).containsExactly("1*3 SERVING", "2*3 SERVING");

        found(SRV, new Found(address(5), 1, 0, "a:80"));
        up(5);
        settle();
        assertThat(blue()).containsExactly("5*1 SERVING", "1*3 LEAVING", "2*3 LEAVING");
    }

    @Test
    void whoComesBackWhileLeavingStaysTheSame() {
        found(APP, at(1), at(2));
        up(1);
        up(2);
        found(APP, at(2));
        Backend first = backend(1);
        assertThat(blue()).containsExactly("2*3 SERVING", "1*3 LEAVING");

        found(APP, at(1), at(2));

        assertThat(blue()).containsExactly("1*3 SERVING", "2*3 SERVING");
        assertThat(backend(1)).isSameAs(first);
    }

    @Test
    void drainByOrderOutlivesAnswers() {
        found(APP, at(1), at(2));
        up(1);
        table = table.withPool(pool().with(
                        pool().edit(),
                        pool().members().stream()
                                .map(member -> member.on(Duty.DRAINED))
                                .toList()));

        found(APP, at(1), at(2), at(3));

        assertThat(blue()).containsExactly("1*3 DRAINED", "2*3 DRAINED", "3*3 SERVING");
    }

    @Test
    void drainByOrderOutlivesAnAnswerWithoutTheBackend() {
        found(APP, at(1), at(2));
        up(1);
        up(2);
        drain(2);

        found(APP, at(1));
        assertThat(blue()).containsExactly("1*3 SERVING", "2*3 DRAINED");

        found(APP, at(1), at(2));
        assertThat(blue()).containsExactly("1*3 SERVING", "2*3 DRAINED");
    }

    @Test
    void drainThatIsOverIsSavedNoLongerWithTheNames() {
        found(APP, at(1), at(2));
        drain(2);
        SavedState drained = SavedState.first(table, Instant.EPOCH).withNames(table);
        assertThat(drained.drained().of(Colour.BLUE)).containsExactly(address(2));

        table = table.withPool(pool().with(
                        pool().edit(),
                        pool().members().stream()
                                .map(member -> member.on(Duty.LEAVING))
                                .toList()));

        assertThat(drained.withNames(table).drained()).isEqualTo(SavedDrains.NONE);
    }

    @Test
    void addressThatWasGivenIsNotThatOfAName() {
        Pool.Member given = new Pool.Member(new Backend(Colour.BLUE, address(1), 1), 7);
        table = table.withPool(pool().with(pool().edit(), List.of(given)));

        found(APP, at(1), at(2));
        found(APP, at(2));

        assertThat(blue()).containsExactly("1*7 SERVING", "2*3 SERVING");
        assertThat(backend(1)).isSameAs(given.backend());
    }

    @Test
    void thoseThatLeftAndAreEmptyAreGone() {
        found(APP, at(1), at(2), at(3));
        up(1);
        backend(2).open();
        found(APP, at(1));
        var lease = backend(2).tryLease();
        backend(2).close();

        table = NamedPools.withoutDrained(table);

        assertThat(lease).isNotNull();
        assertThat(blue()).containsExactly("1*3 SERVING", "2*3 LEAVING");
        assertThat(NamedPools.withoutDrained(table)).isSameAs(table);
    }

    @Test
    void nameThatLeadsNowhereIsOneBackendThatASwitchMisses() {
        found(APP, at(1));
        up(1);
        table = table.refreshed();
        assertThat(SwitchGate.of(table, Colour.BLUE).total()).isEqualTo(2);
        assertThat(SwitchGate.of(table, Colour.BLUE).healthyPercent()).isEqualTo(50);
        assertThat(pool().missing()).containsExactly(SRV);

        found(SRV, new Found(address(2), 40, 10, "a:80"));
        up(2);
        table = table.refreshed();
        assertThat(SwitchGate.of(table, Colour.BLUE).total()).isEqualTo(2);
        assertThat(SwitchGate.of(table, Colour.BLUE).healthyPercent()).isEqualTo(100);
    }

    @Test
    void switchMissesNoNameWithoutWeightAndNoneWhoseBackendsServeOn() {
        table = table(new NamedBackends(APP, 0), new NamedBackends(SRV, 1));
        found(SRV, new Found(address(2), 40, 10, "a:80"));
        up(2);
        found(SRV);
        table = table.refreshed();

        assertThat(blue()).containsExactly("2*40 SERVING");
        assertThat(pool().missing()).isEmpty();
        assertThat(SwitchGate.of(table, Colour.BLUE).total()).isEqualTo(1);
    }

    // ----

    private void found(BackendName name, Found... found) {
        table = NamedPools.settled(NamedPools.found(table, Colour.BLUE, name, List.of(found)), FACTORY);
    }

    private void settle() {
        table = NamedPools.settled(table, FACTORY);
    }

    private void up(int last) {
        backend(last).setHealth(new HealthView(true, Instant.MAX, Instant.MAX, 1, "200"), System.nanoTime());
    }

    private void drain(int last) {
        Backend drained = backend(last);
        table = table.withPool(pool().with(
                        pool().edit(),
                        pool().members().stream()
                                .map(member -> member.backend() == drained ? member.on(Duty.DRAINED) : member)
                                .toList()));
    }

    private void down(int last) {
        backend(last).setHealth(new HealthView(false, Instant.MAX, Instant.MAX, 1, "refused"), System.nanoTime());
    }

    private Backend backend(int last) {
        return PoolMembers.find(pool(), address(last)).orElseThrow().backend();
    }

    private Pool pool() {
        return table.pool(Colour.BLUE);
    }

    private List<String> blue() {
        return pool().members().stream()
                .map(member -> member.backend().address().host().replace("10.0.0.", "") + "*" + member.weight() + " "
                        + member.duty())
                .toList();
    }

    private static Found[] range(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(NamedPoolsTest::at)
                .toArray(Found[]::new);
    }

    private static Found at(int last) {
        return new Found(address(last), 1, 0, APP.toString());
    }

    private static BackendAddress address(int last) {
        return new BackendAddress("10.0.0." + last, 80);
    }

    private static RoutingTable table(NamedBackends... names) {
        PoolSettings settings = PoolSettings.unchecked("").judgedBy(PROBED, OutlierSettings.OFF);
        BalancerSettings balancing = BalancerSettings.of(BalancerKind.ROUND_ROBIN);
        Pool blue = new Pool(
                Colour.BLUE,
                settings,
                balancing,
                List.of(),
                Optional.empty(),
                PoolNames.NONE.with(Arrays.asList(names)));
        Pool green = new Pool(Colour.GREEN, settings, balancing, List.of());
        return new RoutingTable(7, Colour.BLUE, Optional.empty(), blue, green, Orders.NONE);
    }
}
