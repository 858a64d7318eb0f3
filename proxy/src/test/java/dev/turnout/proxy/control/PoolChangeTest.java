package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.health.Await;
import dev.turnout.proxy.routing.Pool;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Edits of pools through the control plane. The two backends of blue are 127.0.0.1:9101 and :9102. */
class PoolChangeTest {

    private static final BackendAddress FIRST = new BackendAddress("127.0.0.1", 9101);
    private static final BackendAddress SECOND = new BackendAddress("127.0.0.1", 9102);
    private static final BackendAddress NEW = new BackendAddress("127.0.0.1", 9103);

    private ControlFixture fixture = ControlFixture.start();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void addedBackendServesAndTheOthersAreTheSame() throws Exception {
        Backend first = backend(FIRST);
        ChangeResult added = fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(NEW, 3)));

        assertThat(added.changed()).isTrue();
        assertThat(blue()).containsExactly("9101*1 SERVING", "9102*1 SERVING", "9103*3 SERVING");
        assertThat(backend(FIRST)).isSameAs(first);
        assertThat(backend(NEW).isClosed()).isFalse();
        assertThat(fixture.pool(Colour.BLUE).edit()).isPresent();
        assertThat(fixture.pool(Colour.GREEN).edit()).isEmpty();
        assertThat(fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(NEW, 3)))
                        .changed())
                .isFalse();
        assertThat(refused(new PoolChange.Add(Colour.BLUE, new BackendSettings(NEW, 4))))
                .isEqualTo(Kind.BACKEND_EXISTS);
    }

    @Test
    void newBackendOfAProbedPoolStartsDown() throws Exception {
        fixture.close();
        fixture = new ControlFixture(HealthSettings.Kind.TCP, new MemoryDisk());
        fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(NEW, 1)));

        assertThat(backend(NEW).health()).isEqualTo(HealthView.UNKNOWN);
        assertThat(fixture.pool(Colour.BLUE).usable()).isZero();
    }

    @Test
    void drainedBackendGrantsNoLeaseAndItsOwnGoOn() throws Exception {
        Lease lease = Objects.requireNonNull(backend(FIRST).tryLease());
        fixture.make(new PoolChange.Drain(Colour.BLUE, FIRST));

        assertThat(backend(FIRST).tryLease()).isNull();
        assertThat(backend(FIRST).exchanges()).isEqualTo(1);
        assertThat(fixture.pool(Colour.BLUE).usable()).isEqualTo(1);
        assertThat(fixture.plane
                        .awaitBackendEmpty(Colour.BLUE, FIRST, false, Duration.ZERO)
                        .toCompletableFuture()
                        .get())
                .isFalse();
        lease.close(Outcome.SUCCESS);
        assertThat(ControlFixture.get(
                        fixture.plane.awaitBackendEmpty(Colour.BLUE, FIRST, false, Duration.ofSeconds(20))))
                .isTrue();

        // Neither a switch there and back nor the undrain of the pool opens it.
        fixture.make(new Change.SwitchTo(Optional.of(Colour.GREEN)));
        fixture.make(new Change.SwitchTo(Optional.of(Colour.BLUE)));
        assertThat(backend(FIRST).isClosed()).isTrue();
        fixture.make(new PoolChange.Undrain(Colour.BLUE, FIRST));
        assertThat(backend(FIRST).isClosed()).isFalse();
        assertThat(blue()).containsExactly("9101*1 SERVING", "9102*1 SERVING");
    }

    @Test
    void removedBackendIsGoneWhenItIsEmptyAndNotBefore() throws Exception {
        Backend first = backend(FIRST);
        Lease lease = Objects.requireNonNull(first.tryLease());
        fixture.make(new PoolChange.Remove(Colour.BLUE, FIRST));

        assertThat(first.tryLease()).isNull();
        assertThat(blue()).containsExactly("9101*1 LEAVING", "9102*1 SERVING");
        long revision = fixture.board.current().revision();
        lease.close(Outcome.SUCCESS);
        assertThat(ControlFixture.get(
                        fixture.plane.awaitBackendEmpty(Colour.BLUE, FIRST, true, Duration.ofSeconds(20))))
                .isTrue();
        assertThat(blue()).containsExactly("9102*1 SERVING");
        assertThat(fixture.board.current().revision()).isEqualTo(revision + 1);
        assertThat(fixture.plane.history(1, Long.MAX_VALUE).get(0).action()).isEqualTo("backend-gone");
        assertThat(fixture.plane.history(2, Long.MAX_VALUE).get(1).about()).isEqualTo("127.0.0.1:9101");
    }

    @Test
    void whatTurnoutCannotSaveOfItsOwnIsNotInTheHistory() throws Exception {
        Lease lease = Objects.requireNonNull(backend(FIRST).tryLease());
        fixture.make(new PoolChange.Remove(Colour.BLUE, FIRST));
        fixture.disk.failAlways("No space left on device");
        lease.close(Outcome.SUCCESS);
        Await.until(
                "it was tried", () -> fixture.plane.status().store().problem().isPresent());

        // Behind the attempt on the control thread.
        assertThat(refused(new PoolChange.Drain(Colour.BLUE, SECOND))).isEqualTo(Kind.NO_USABLE_BACKEND);
        assertThat(fixture.plane.history(10, Long.MAX_VALUE))
                .extracting(HistoryEntry::action)
                .containsExactly("backend-drain", "backend-remove");
        fixture.disk.repair();
    }

    @Test
    void leavingBackendThatIsWantedAgainStays() throws Exception {
        Backend first = backend(FIRST);
        Lease lease = Objects.requireNonNull(first.tryLease());
        fixture.make(new PoolChange.Remove(Colour.BLUE, FIRST));
        fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(FIRST, 2)));

        assertThat(blue()).containsExactly("9102*1 SERVING", "9101*2 SERVING");
        assertThat(backend(FIRST)).isSameAs(first);
        lease.close(Outcome.SUCCESS);
        assertThat(Objects.requireNonNull(first.tryLease())).isNotNull();
    }

    @Test
    void goneCutsWhatIsInFlight() throws Exception {
        Lease lease = Objects.requireNonNull(backend(FIRST).tryLease());
        fixture.make(new PoolChange.Remove(Colour.BLUE, FIRST));
        fixture.make(new PoolChange.Gone(Colour.BLUE, Set.of(FIRST)));

        assertThat(blue()).containsExactly("9102*1 SERVING");
        assertThat(lease.backend().tryLease()).isNull();
        assertThat(fixture.make(new PoolChange.Gone(Colour.BLUE, Set.of(SECOND)))
                        .changed())
                .isFalse();
    }

    @Test
    void poolIsSetAsAWhole() throws Exception {
        Backend second = backend(SECOND);
        Lease lease = Objects.requireNonNull(backend(FIRST).tryLease());
        PoolChange put = new PoolChange.Put(
                Colour.BLUE,
                Optional.of("2.0"),
                List.of(new BackendSettings(NEW, 1), new BackendSettings(SECOND, 5)),
                List.of());
        fixture.make(put);

        assertThat(blue()).containsExactly("9103*1 SERVING", "9102*5 SERVING", "9101*1 LEAVING");
        assertThat(backend(SECOND)).isSameAs(second);
        assertThat(fixture.pool(Colour.BLUE).version()).isEqualTo("2.0");
        lease.close(Outcome.SUCCESS);
        assertThat(ControlFixture.get(
                        fixture.plane.awaitBackendEmpty(Colour.BLUE, FIRST, true, Duration.ofSeconds(20))))
                .isTrue();
        assertThat(fixture.make(put).changed()).isFalse();
    }

    @Test
    void lastUsableBackendOfAServingPoolStaysUnlessForced() throws Exception {
        fixture.make(new PoolChange.Drain(Colour.BLUE, FIRST));

        assertThat(refused(new PoolChange.Drain(Colour.BLUE, SECOND))).isEqualTo(Kind.NO_USABLE_BACKEND);
        assertThat(refused(new PoolChange.Remove(Colour.BLUE, SECOND))).isEqualTo(Kind.NO_USABLE_BACKEND);
        assertThat(refused(new PoolChange.Weight(Colour.BLUE, SECOND, 0))).isEqualTo(Kind.NO_USABLE_BACKEND);
        assertThat(refused(new PoolChange.Put(Colour.BLUE, Optional.empty(), List.of(), List.of())))
                .isEqualTo(Kind.NO_USABLE_BACKEND);
        fixture.make(new PoolChange.Put(Colour.GREEN, Optional.empty(), List.of(), List.of()));
        fixture.make(ControlFixture.forced(new PoolChange.Weight(Colour.BLUE, SECOND, 0)));
        assertThat(fixture.pool(Colour.BLUE).usable()).isZero();
    }

    @Test
    void unknownBackendIsRefused() {
        assertThat(refused(new PoolChange.Drain(Colour.GREEN, FIRST))).isEqualTo(Kind.NO_SUCH_BACKEND);
    }

    @Test
    void editsOutliveTheProcessWhileTheFileSaysTheSame() throws Exception {
        fixture.make(new PoolChange.Put(
                Colour.BLUE,
                Optional.of("2.0"),
                List.of(new BackendSettings(NEW, 7), new BackendSettings(SECOND, 1), new BackendSettings(FIRST, 1)),
                List.of()));
        fixture.make(new PoolChange.Drain(Colour.BLUE, SECOND));
        fixture.make(new PoolChange.Remove(Colour.BLUE, FIRST));

        fixture = fixture.restart();

        assertThat(blue()).startsWith("9103*7 SERVING", "9102*1 DRAINED").noneMatch(text -> text.contains("LEAVING"));
        assertThat(fixture.pool(Colour.BLUE).version()).isEqualTo("2.0");
        assertThat(backend(SECOND).isClosed()).isTrue();
        assertThat(backend(NEW).isClosed()).isFalse();
        assertThat(fixture.pool(Colour.GREEN).edit()).isEmpty();
    }

    @Test
    void reloadPutsTheFileInForceAndKeepsWhatStays() throws Exception {
        Pool blue = fixture.pool(Colour.BLUE);
        Backend second = backend(SECOND);
        Lease held = Objects.requireNonNull(backend(FIRST).tryLease());
        var settings = blue.settings();
        var next = new PoolSettings(
                "2.0",
                List.of(new BackendSettings(SECOND, 4), new BackendSettings(NEW, 1)),
                List.of(),
                settings.health(),
                settings.outliers(),
                settings.limits(),
                settings.sticky(),
                false,
                settings.slowStart(),
                settings.proxyProtocol(),
                settings.warmUp());
        var green = fixture.pool(Colour.GREEN).settings();

        assertThat(fixture.make(new Reload(settings, green, blue.balancing())).changed())
                .isFalse();
        assertThat(fixture.make(new Reload(next, green, blue.balancing())).changed())
                .isTrue();
        assertThat(blue()).containsExactly("9102*4 SERVING", "9103*1 SERVING", "9101*1 LEAVING");
        assertThat(backend(SECOND)).isSameAs(second);
        assertThat(fixture.pool(Colour.BLUE).version()).isEqualTo("2.0");
        assertThat(fixture.pool(Colour.BLUE).edit()).isEmpty();
        held.close(Outcome.SUCCESS);
        assertThat(ControlFixture.get(
                        fixture.plane.awaitBackendEmpty(Colour.BLUE, FIRST, true, Duration.ofSeconds(20))))
                .isTrue();
        assertThat(fixture.make(new Reload(next, green, blue.balancing())).changed())
                .isFalse();
    }

    @Test
    void drainOfABackendOutlivesTheEditItCameWithAndTheProcess() throws Exception {
        fixture.make(new PoolChange.Drain(Colour.BLUE, FIRST));
        reloadBlueAs("3.0");
        assertThat(fixture.pool(Colour.BLUE).edit()).isEmpty();
        assertThat(blue()).containsExactly("9101*1 DRAINED", "9102*1 SERVING");
        long revision = fixture.board.current().revision();

        fixture = fixture.restart("3.0");

        assertThat(blue()).containsExactly("9101*1 DRAINED", "9102*1 SERVING");
        assertThat(backend(FIRST).isClosed()).isTrue();
        assertThat(fixture.board.current().revision()).isEqualTo(revision);
        fixture.make(new PoolChange.Undrain(Colour.BLUE, FIRST));
        fixture = fixture.restart("3.0");
        assertThat(blue()).containsExactly("9101*1 SERVING", "9102*1 SERVING");
    }

    @Test
    void startOnAnotherFileKeepsDrainsAndSaysByARevisionThatEditsAreGone() throws Exception {
        fixture.make(new PoolChange.Drain(Colour.BLUE, FIRST));
        fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(NEW, 1)));
        long revision = fixture.board.current().revision();

        fixture = fixture.restart("3.0");

        assertThat(blue()).containsExactly("9101*1 DRAINED", "9102*1 SERVING");
        assertThat(fixture.board.current().revision()).isEqualTo(revision + 1);
        HistoryEntry entry = fixture.plane.history(1, Long.MAX_VALUE).get(0);
        assertThat(entry.revision()).isEqualTo(revision + 1);
        assertThat(entry.action()).isEqualTo("config-reload");
        assertThat(entry.actor().name()).isEqualTo("turnout");

        fixture = fixture.restart("3.0");
        assertThat(blue()).containsExactly("9101*1 DRAINED", "9102*1 SERVING");
        assertThat(fixture.board.current().revision()).isEqualTo(revision + 1);
    }

    private void reloadBlueAs(String version) throws Exception {
        Pool blue = fixture.pool(Colour.BLUE);
        var settings = blue.settings();
        var next = new PoolSettings(
                version,
                settings.backends(),
                List.of(),
                settings.health(),
                settings.outliers(),
                settings.limits(),
                settings.sticky(),
                false,
                settings.slowStart(),
                settings.proxyProtocol(),
                settings.warmUp());
        fixture.make(new Reload(next, fixture.pool(Colour.GREEN).settings(), blue.balancing()));
    }

    @Test
    void editsStandInAReloadUntilTheFileSaysSomethingElseOfThatPool() throws Exception {
        var settings = fixture.pool(Colour.BLUE).settings();
        var green = fixture.pool(Colour.GREEN).settings();
        var balancing = fixture.pool(Colour.BLUE).balancing();
        fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(NEW, 1)));

        fixture.make(new Reload(settings, green, balancing));
        assertThat(blue()).hasSize(3);

        var changed = new PoolSettings(
                "3.0",
                settings.backends(),
                List.of(),
                settings.health(),
                settings.outliers(),
                settings.limits(),
                settings.sticky(),
                false,
                settings.slowStart(),
                settings.proxyProtocol(),
                settings.warmUp());
        fixture.make(new Reload(changed, green, balancing));
        assertThat(blue()).startsWith("9101*1 SERVING", "9102*1 SERVING");
        assertThat(fixture.pool(Colour.BLUE).edit()).isEmpty();
        assertThat(fixture.pool(Colour.BLUE).version()).isEqualTo("3.0");
    }

    private Kind refused(Change change) {
        return fixture.refusal(ControlFixture.request(change)).kind();
    }

    private Backend backend(BackendAddress address) {
        return PoolMembers.find(fixture.pool(Colour.BLUE), address)
                .orElseThrow()
                .backend();
    }

    private List<String> blue() {
        return fixture.pool(Colour.BLUE).members().stream()
                .map(member -> member.backend().address().port() + "*" + member.weight() + " " + member.duty())
                .toList();
    }
}
