package dev.turnout.proxy.control;

import static dev.turnout.proxy.control.ControlFixture.TO_BLUE;
import static dev.turnout.proxy.control.ControlFixture.TO_GREEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.control.Change.DrainPool;
import dev.turnout.proxy.control.Change.Rollback;
import dev.turnout.proxy.control.Change.UndrainPool;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ControlPlaneTest {

    private ControlFixture fixture = ControlFixture.start();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void switchThatHasReturnedLeavesOnlyTheNewColourOpen() throws Exception {
        Lease old = fixture.lease();

        ChangeResult result = fixture.make(TO_GREEN);

        assertThat(result.changed()).isTrue();
        assertThat(result.from()).isEqualTo(Colour.BLUE);
        assertThat(result.to()).isEqualTo(Colour.GREEN);
        assertThat(result.revision()).isEqualTo(2);
        assertThat(fixture.grantsLeases(Colour.GREEN)).isTrue();
        assertThat(old.backend().tryLease()).isNull();
        assertThat(fixture.plane.status().mode()).isEqualTo("draining");
        old.close(Outcome.SUCCESS);
        assertThat(fixture.plane.status().mode()).isEqualTo("steady");
        assertThat(fixture.switches).containsExactly("green switch");
    }

    /** However it was begun: the labels of what is counted are a closed set. */
    @Test
    void endOfACanaryIsCountedAsASwitchAndItsAbortAsARollback() throws Exception {
        fixture.make(new ReleaseChange.StartCanary(Optional.empty(), "first", States.watchedCanary()));
        fixture.make(new ReleaseChange.Abort(false));
        assertThat(fixture.switches).as("the traffic had not moved").isEmpty();

        fixture.make(new ReleaseChange.StartCanary(Optional.empty(), "second", States.watchedCanary()));
        fixture.make(new ReleaseChange.Promote(true));
        fixture.make(new ReleaseChange.Abort(false));

        assertThat(fixture.switches).containsExactly("green switch", "blue rollback");
    }

    @Test
    void statusTellsOfBothPools() throws Exception {
        fixture.clock.advance(Duration.ofMinutes(1));
        fixture.make(TO_GREEN);
        fixture.lease();

        Status status = fixture.plane.status();

        assertThat(status.revision()).isEqualTo(2);
        assertThat(status.previous()).contains(Colour.BLUE);
        assertThat(status.startedAt()).isEqualTo(States.NOON);
        assertThat(status.activeSince()).isEqualTo(States.NOON.plusSeconds(60));
        assertThat(status.green().role()).isEqualTo("active");
        assertThat(status.green().exchanges()).isEqualTo(1);
        assertThat(status.green().usable()).isEqualTo(2);
        assertThat(status.green().drain()).isEmpty();
        assertThat(status.blue().role()).isEqualTo("idle");
        assertThat(status.blue().drain())
                .get()
                .extracting(Status.DrainStatus::state)
                .isEqualTo("drained");
        assertThat(status.store().problem()).isEmpty();
    }

    @Test
    void rollbackIsNotedAsOne() throws Exception {
        fixture.make(TO_GREEN);

        ChangeResult result = fixture.make(new Rollback());

        assertThat(result.to()).isEqualTo(Colour.BLUE);
        assertThat(fixture.grantsLeases(Colour.BLUE)).isTrue();
        assertThat(fixture.grantsLeases(Colour.GREEN)).isFalse();
        assertThat(fixture.switches).containsExactly("green switch", "blue rollback");
        assertThat(fixture.plane.history(10, Long.MAX_VALUE))
                .extracting(HistoryEntry::action)
                .containsExactly("rollback", "switch");
    }

    @Test
    void changeThatIsAsItWasUsesNoRevision() throws Exception {
        ChangeResult result = fixture.make(TO_BLUE);

        assertThat(result.changed()).isFalse();
        assertThat(result.revision()).isEqualTo(1);
        assertThat(fixture.plane.history(10, Long.MAX_VALUE)).isEmpty();
        assertThat(fixture.switches).isEmpty();
    }

    @Test
    void dryRunSaysWhatWouldBeAndDoesNothing() throws Exception {
        RoutingTable before = fixture.board.current();

        ChangeResult result = fixture.make(
                new ChangeRequest(TO_GREEN, OptionalLong.of(1), true, false, false, "", ControlFixture.ACTOR));

        assertThat(result.changed()).isTrue();
        assertThat(result.dryRun()).isTrue();
        assertThat(result.to()).isEqualTo(Colour.GREEN);
        assertThat(result.revision()).isEqualTo(1);
        assertThat(fixture.board.current()).isSameAs(before);
        assertThat(fixture.grantsLeases(Colour.GREEN)).isFalse();
    }

    @Test
    void changeForAnotherRevisionIsRefused() {
        ChangeRefused refused = fixture.refusal(
                new ChangeRequest(TO_GREEN, OptionalLong.of(42), false, true, true, "", ControlFixture.ACTOR));

        assertThat(refused.kind()).isEqualTo(Kind.REVISION_MISMATCH);
        assertThat(refused.revision()).isEqualTo(1);
    }

    @Test
    void changeThatCannotBeSavedIsNotMade() throws Exception {
        RoutingTable before = fixture.board.current();
        fixture.disk.failAlways("No space left on device");

        ChangeRefused refused = fixture.refusal(ControlFixture.request(TO_GREEN));

        assertThat(refused.kind()).isEqualTo(Kind.STATE_NOT_SAVED);
        assertThat(refused).hasMessageContaining("No space left on device").hasMessageContaining("traffic goes on");
        assertThat(fixture.board.current()).isSameAs(before);
        assertThat(fixture.grantsLeases(Colour.BLUE)).isTrue();
        assertThat(fixture.grantsLeases(Colour.GREEN)).isFalse();
        assertThat(fixture.plane.status().store().problem()).get().asString().contains("No space left on device");
        assertThat(fixture.plane.history(10, Long.MAX_VALUE))
                .extracting(HistoryEntry::result)
                .containsExactly("refused: state-not-saved");

        fixture.disk.repair();
        assertThat(fixture.make(TO_GREEN).revision()).isEqualTo(2);
        assertThat(fixture.plane.status().store().problem()).isEmpty();
    }

    @Test
    void firstStartOnAFullDiskServesAndSaysSo() throws Exception {
        MemoryDisk full = new MemoryDisk();
        full.failAlways("Read-only file system");

        try (ControlFixture on = new ControlFixture(HealthSettings.Kind.NONE, full)) {
            assertThat(on.grantsLeases(Colour.BLUE)).isTrue();
            assertThat(on.plane.status().store().problem()).get().asString().contains("Read-only file system");
        }
    }

    @Test
    void forcedDrainOfTheActivePoolRefusesLeasesUntilItIsTakenBack() throws Exception {
        Change drain = new DrainPool(Colour.BLUE, Optional.empty(), OnDeadline.REPORT);

        assertThat(fixture.refusal(ControlFixture.request(drain)).kind()).isEqualTo(Kind.POOL_IS_ACTIVE);
        fixture.make(ControlFixture.forced(drain));
        assertThat(fixture.grantsLeases(Colour.BLUE)).isFalse();
        assertThat(fixture.grantsLeases(Colour.GREEN)).isFalse();

        fixture.make(new UndrainPool(Colour.BLUE));
        assertThat(fixture.grantsLeases(Colour.BLUE)).isTrue();
        assertThat(fixture.switches).isEmpty();
    }

    @Test
    void undrainedIdlePoolStillGetsNoTraffic() throws Exception {
        fixture.make(TO_GREEN);

        fixture.make(new UndrainPool(Colour.BLUE));

        assertThat(fixture.grantsLeases(Colour.BLUE)).isFalse();
        assertThat(fixture.plane.status().blue().drain()).isEmpty();
    }

    @Test
    void secondStartGoesOnWhereTheFirstEnded() throws Exception {
        fixture.make(TO_GREEN);
        fixture.make(new DrainPool(Colour.BLUE, Optional.of(Duration.ofHours(1)), OnDeadline.CLOSE));
        Status before = fixture.plane.status();

        fixture = fixture.restart();

        Status after = fixture.plane.status();
        assertThat(after.revision()).isEqualTo(3);
        assertThat(after.active()).isEqualTo(Colour.GREEN);
        assertThat(after.previous()).contains(Colour.BLUE);
        assertThat(after.activeSince()).isEqualTo(before.activeSince());
        assertThat(after.blue().drain()).isEqualTo(before.blue().drain());
        assertThat(fixture.grantsLeases(Colour.GREEN)).isTrue();
        assertThat(fixture.grantsLeases(Colour.BLUE)).isFalse();
        assertThat(fixture.plane.history(10, Long.MAX_VALUE)).hasSize(2);
    }

    @Test
    void switchIsRefusedByTheHealthOfThisMoment() throws Exception {
        try (ControlFixture probed = new ControlFixture(HealthSettings.Kind.TCP, new MemoryDisk())) {
            assertThat(probed.refusal(ControlFixture.request(TO_GREEN)).kind()).isEqualTo(Kind.NO_USABLE_BACKEND);

            probed.pool(Colour.GREEN).members().get(0).backend().setHealth(HealthView.UNCHECKED, System.nanoTime());

            assertThat(probed.make(TO_GREEN).to()).isEqualTo(Colour.GREEN);
        }
    }

    @Test
    void changeOfHealthChoosesCandidatesAnewInTheSameRevision() throws Exception {
        try (ControlFixture probed = new ControlFixture(HealthSettings.Kind.TCP, new MemoryDisk())) {
            assertThat(probed.pool(Colour.BLUE).usable()).isZero();

            probed.pool(Colour.BLUE).members().get(0).backend().setHealth(HealthView.UNCHECKED, System.nanoTime());
            probed.plane.healthChanged();
            probed.make(TO_BLUE);

            assertThat(probed.pool(Colour.BLUE).usable()).isEqualTo(1);
            assertThat(probed.board.current().revision()).isEqualTo(1);
        }
    }

    @Test
    void historyKeepsTheLast200NewestFirst() throws Exception {
        for (int i = 0; i < 105; i++) {
            fixture.make(TO_GREEN);
            fixture.make(TO_BLUE);
        }

        List<HistoryEntry> all = fixture.plane.history(1000, Long.MAX_VALUE);

        assertThat(all).hasSize(200);
        assertThat(all.get(0).revision()).isEqualTo(211);
        assertThat(fixture.plane.history(2, 211))
                .extracting(HistoryEntry::revision)
                .containsExactly(210L, 209L);
        assertThat(all.get(0).reason()).isEqualTo("release 2.4.1");
    }

    @Test
    void commandsBeyondTheQueueAreRefused() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        fixture.atSwitch = () -> {
            held.countDown();
            awaitQuietly(release);
        };
        CompletionStage<ChangeResult> first = fixture.plane.submit(ControlFixture.request(TO_GREEN));
        held.await();

        List<CompletionStage<ChangeResult>> queued = new ArrayList<>();
        for (int i = 0; i < ControlPlane.PENDING_LIMIT; i++) {
            queued.add(fixture.plane.submit(ControlFixture.request(TO_GREEN)));
        }
        ChangeRefused refused = fixture.refusal(ControlFixture.request(TO_GREEN));
        release.countDown();

        assertThat(refused.kind()).isEqualTo(Kind.TOO_MANY_COMMANDS);
        assertThat(ControlFixture.get(first).changed()).isTrue();
        for (CompletionStage<ChangeResult> each : queued) {
            assertThat(ControlFixture.get(each).changed()).isFalse();
        }
    }

    @Test
    void observerThatFailsDoesNotUndoTheChange() throws Exception {
        fixture.atSwitch = () -> {
            throw new IllegalStateException("broken observer");
        };

        assertThat(fixture.make(TO_GREEN).changed()).isTrue();
        assertThat(fixture.make(TO_BLUE).changed()).isTrue();
    }

    @Test
    void changesAfterTheEndAreRefused() {
        fixture.plane.close();

        assertThat(fixture.refusal(ControlFixture.request(TO_GREEN)).kind()).isEqualTo(Kind.SHUTTING_DOWN);
        fixture.plane.healthChanged();
        assertThat(fixture.plane.status().active()).isEqualTo(Colour.BLUE);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusedCommandStandsInTheHistoryAndIsNotSaved() throws Exception {
        fixture.make(TO_GREEN);
        fixture.refusal(
                ControlFixture.request(new Change.DrainPool(Colour.GREEN, Optional.empty(), OnDeadline.REPORT)));

        assertThat(fixture.plane.history(10, Long.MAX_VALUE))
                .extracting(entry -> entry.action() + " " + entry.result())
                .startsWith("drain refused: pool-is-active", "switch made");
        assertThat(fixture.plane.history(10, fixture.board.current().revision()))
                .isEmpty();
        fixture = fixture.restart();
        assertThat(fixture.plane.history(10, Long.MAX_VALUE))
                .extracting(HistoryEntry::action)
                .containsExactly("switch");
    }
}
