package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.health.Await;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a whole control plane without probes, so that what is found is up at once. */
class NameChangeTest {

    private static final BackendName APP = new BackendName("app.internal", 80);
    private static final BackendName SRV = new BackendName("_http._tcp.app", 0);
    private static final BackendAddress ONE = new BackendAddress("10.0.0.1", 80);
    private static final BackendAddress TWO = new BackendAddress("10.0.0.2", 80);

    private ControlFixture fixture = ControlFixture.start();

    @AfterEach
    void end() {
        fixture.close();
    }

    @Test
    void nameIsAddedAndWhatItLeadsToServes() throws Exception {
        ChangeResult added = fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE, TWO);

        assertThat(added.changed()).isTrue();
        assertThat(blue()).contains("10.0.0.1*2 SERVING", "10.0.0.2*2 SERVING").hasSize(4);
        assertThat(fixture.board.current().revision()).isEqualTo(added.revision());
        assertThat(fixture.pool(Colour.BLUE).edit()).isPresent();
        assertThat(fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)))
                        .changed())
                .isFalse();
        assertThat(refused(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 3))))
                .isEqualTo(Kind.BACKEND_EXISTS);
    }

    @Test
    void weightOfANameIsThatOfAllItLeadsTo() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE, TWO);

        fixture.make(new NameChange.Weight(Colour.BLUE, APP, 9));

        assertThat(blue()).contains("10.0.0.1*9 SERVING", "10.0.0.2*9 SERVING");
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(SRV, 1)));
        assertThat(refused(new NameChange.Weight(Colour.BLUE, SRV, 9))).isEqualTo(Kind.BACKEND_FROM_NAME);
        assertThat(refused(new NameChange.Weight(Colour.GREEN, APP, 9))).isEqualTo(Kind.NO_SUCH_BACKEND);
    }

    @Test
    void nameIsRemovedAndWhatItLedToWithIt() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE, TWO);
        Lease held = Objects.requireNonNull(member(ONE).backend().tryLease());

        fixture.make(new NameChange.Remove(Colour.BLUE, APP));
        var gone = fixture.plane.awaitNameGone(Colour.BLUE, APP, Duration.ofSeconds(20));

        assertThat(member(ONE).duty()).isEqualTo(Pool.Duty.LEAVING);
        assertThat(gone.toCompletableFuture()).isNotDone();
        held.close(Outcome.SUCCESS);
        assertThat(ControlFixture.get(gone)).isTrue();
        assertThat(blue()).hasSize(2);
        assertThat(refused(new NameChange.Remove(Colour.BLUE, APP))).isEqualTo(Kind.NO_SUCH_BACKEND);
    }

    @Test
    void lastThatServeAreNotTakenWithTheirName() throws Exception {
        found(APP, ONE);
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE);
        PoolMembers.given(fixture.pool(Colour.BLUE)).forEach(each -> drain(each.address()));

        assertThat(refused(new NameChange.Remove(Colour.BLUE, APP))).isEqualTo(Kind.NO_USABLE_BACKEND);
    }

    @Test
    void backendOfANameIsDrainedButNeitherWeighedNorRemoved() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE, TWO);

        assertThat(refused(new PoolChange.Weight(Colour.BLUE, ONE, 9))).isEqualTo(Kind.BACKEND_FROM_NAME);
        assertThat(refused(new PoolChange.Remove(Colour.BLUE, ONE))).isEqualTo(Kind.BACKEND_FROM_NAME);
        assertThat(refused(new PoolChange.Add(Colour.BLUE, new BackendSettings(ONE, 2))))
                .isEqualTo(Kind.BACKEND_FROM_NAME);
        drain(ONE);
        assertThat(blue()).contains("10.0.0.1*2 DRAINED");
    }

    @Test
    void whoIsPutBackAfterItsNameWasRemovedIsAsGiven() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE);
        Lease held = Objects.requireNonNull(member(ONE).backend().tryLease());
        fixture.make(new NameChange.Remove(Colour.BLUE, APP));

        fixture.make(new PoolChange.Undrain(Colour.BLUE, ONE));
        held.close(Outcome.SUCCESS);

        assertThat(member(ONE).name()).isEmpty();
        fixture.make(new PoolChange.Weight(Colour.BLUE, ONE, 9));
        assertThat(blue()).contains("10.0.0.1*9 SERVING");
        fixture.make(new PoolChange.Remove(Colour.BLUE, ONE));
        Await.until("it is gone", () -> blue().size() == 2);
    }

    @Test
    void givenBackendToWhichANameLeadsTooIsNotRemoved() throws Exception {
        fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(ONE, 2)));
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 1)));
        found(APP, ONE);
        assertThat(member(ONE).name()).isEmpty();

        assertThat(refused(new PoolChange.Remove(Colour.BLUE, ONE))).isEqualTo(Kind.BACKEND_FROM_NAME);
        assertThat(refused(new PoolChange.Remove(Colour.BLUE, TWO))).isEqualTo(Kind.NO_SUCH_BACKEND);

        fixture.make(new PoolChange.Weight(Colour.BLUE, ONE, 9));
        assertThat(blue()).contains("10.0.0.1*9 SERVING");
        found(APP, TWO);
        fixture.make(new PoolChange.Remove(Colour.BLUE, ONE));
        Await.until("it is gone", () -> blue().size() == 3);
    }

    @Test
    void whatWasFoundOutlivesTheProcess() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE, TWO);
        drain(TWO);

        fixture = fixture.restart();

        assertThat(blue()).contains("10.0.0.1*2 SERVING", "10.0.0.2*2 DRAINED").hasSize(4);
        assertThat(member(ONE).backend().authority()).isEqualTo("app.internal:80");
    }

    @Test
    void thoseThatServeOutliveTheProcessThoughAnAnswerLacksThem() throws Exception {
        fixture.close();
        fixture = new ControlFixture(HealthSettings.Kind.TCP, new MemoryDisk());
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE);
        member(ONE).backend().setHealth(new HealthView(true, Instant.MAX, Instant.MAX, 1, "200"), System.nanoTime());
        found(APP, TWO);
        assertThat(blue()).contains("10.0.0.1*2 SERVING", "10.0.0.2*2 SERVING");

        fixture = fixture.restart();
        assertThat(blue()).contains("10.0.0.1*2 SERVING", "10.0.0.2*2 SERVING");

        found(APP, TWO);
        Await.until("it is gone", () -> blue().size() == 3);
        fixture = fixture.restart();
        assertThat(blue()).contains("10.0.0.2*2 SERVING").hasSize(3);
    }

    @Test
    void answersAreNoChanges() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        long revision = fixture.board.current().revision();
        int changes = fixture.plane.history(100, Long.MAX_VALUE).size();
        for (int i = 1; i <= 20; i++) {
            found(APP, new BackendAddress("10.0.0." + i, 80));
        }
        Await.until("only the last is there", () -> blue().size() == 3);

        assertThat(fixture.board.current().revision()).isEqualTo(revision);
        assertThat(fixture.plane.history(100, Long.MAX_VALUE)).hasSize(changes);
        assertThat(blue()).contains("10.0.0.20*2 SERVING");
    }

    @Test
    void poolIsSetAsAWholeWithItsNames() throws Exception {
        fixture.make(new NameChange.Add(Colour.BLUE, new NamedBackends(APP, 2)));
        found(APP, ONE);

        fixture.make(new PoolChange.Put(
                Colour.BLUE,
                Optional.empty(),
                List.of(),
                List.of(new NamedBackends(SRV, 1), new NamedBackends(APP, 1))));

        Await.until("those that were given are gone", () -> blue().size() == 1);
        assertThat(blue()).containsExactly("10.0.0.1*1 SERVING");
        assertThat(fixture.pool(Colour.BLUE).names().wanted()).hasSize(2);
    }

    private void found(BackendName name, BackendAddress... addresses) throws Exception {
        List<Found> found = Arrays.stream(addresses)
                .map(each -> new Found(each, 1, 0, name.toString()))
                .toList();
        fixture.plane.found(Colour.BLUE, name, found);
        // Behind it on the control thread.
        ControlFixture.get(fixture.plane.submit(ControlFixture.request(new Change.UndrainPool(Colour.GREEN))));
    }

    private void drain(BackendAddress address) {
        try {
            fixture.make(new PoolChange.Drain(Colour.BLUE, address));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Kind refused(Change change) {
        return fixture.refusal(ControlFixture.request(change)).kind();
    }

    private Pool.Member member(BackendAddress address) {
        return PoolMembers.find(fixture.pool(Colour.BLUE), address).orElseThrow();
    }

    private List<String> blue() {
        return fixture.pool(Colour.BLUE).members().stream()
                .map(member -> member.backend().address().host() + "*" + member.weight() + " " + member.duty())
                .toList();
    }
}
