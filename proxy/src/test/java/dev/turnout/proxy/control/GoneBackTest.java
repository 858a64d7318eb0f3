package dev.turnout.proxy.control;

import static dev.turnout.proxy.control.ControlFixture.TO_BLUE;
import static dev.turnout.proxy.control.ControlFixture.TO_GREEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change.DrainPool;
import dev.turnout.proxy.control.Change.Rollback;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.control.HoldChange.Hold;
import dev.turnout.proxy.control.ReleaseChange.Abort;
import dev.turnout.proxy.control.ReleaseChange.Promote;
import dev.turnout.proxy.control.ReleaseChange.StartCanary;
import dev.turnout.proxy.control.RollbackReadiness.State;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rollback never goes forward: whoever sends one when traffic has gone back already would get the bad version for it. */
class GoneBackTest {

    private ControlFixture fixture = ControlFixture.start();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void secondRollbackIsRefusedUntilSomethingMovesTraffic() throws Exception {
        fixture.make(TO_GREEN);
        assertThat(state()).isEqualTo(State.READY);
        fixture.make(new Rollback());
        fixture.make(new DrainPool(Colour.GREEN, Optional.of(Duration.ofHours(1)), OnDeadline.REPORT));
        assertRefused();

        fixture = fixture.restart();

        assertRefused();
        fixture.make(TO_GREEN);
        assertThat(state()).isEqualTo(State.READY);
        assertThat(fixture.make(new Rollback()).to()).isEqualTo(Colour.BLUE);
    }

    @Test
    void rollbackBehindACanaryThatWentBackDoesNotBringItsColourBack() throws Exception {
        for (boolean auto : List.of(false, true)) {
            // Blue had the traffic before green, and the canary runs on blue.
            fixture.make(TO_GREEN);
            fixture.make(new StartCanary(Optional.empty(), "r", States.watchedCanary()));
            assertThat(state()).isEqualTo(State.READY);
            fixture.make(new Abort(auto));
            assertRefused();
            fixture.make(TO_BLUE);
            fixture.make(TO_GREEN);
            assertThat(fixture.make(new Rollback()).to()).isEqualTo(Colour.BLUE);
        }
    }

    @Test
    void rollbackOfACanaryIsNotRefusedForOneBefore() throws Exception {
        fixture.make(TO_GREEN);
        fixture.make(new Rollback());

        fixture.make(new StartCanary(Optional.empty(), "r", States.watchedCanary()));
        assertThat(fixture.make(new Rollback()).changed()).isTrue();
        assertRefused();
    }

    @Test
    void rollbackBehindASwitchThatWasCalledOffDoesNotMakeIt() throws Exception {
        fixture.make(TO_BLUE);
        fixture.make(TO_GREEN);
        fixture.make(new Hold(fixture.clock.instant().plusSeconds(30), 10, 1000, "", Optional.of(Colour.BLUE)));

        assertThat(fixture.make(new Rollback()).to()).isEqualTo(Colour.GREEN);
        assertRefused();
    }

    /** Green is bad, blue is what users had, and the gentle way there was too slow: the rollback is the short one. */
    @Test
    void wayBackThatWasCalledOffIsNoReasonToStay() throws Exception {
        fixture = fixture.restart("1.0");
        fixture.make(TO_GREEN);

        fixture.make(new StartCanary(Optional.of(Colour.BLUE), "r", States.watchedCanary()));
        fixture.make(new Rollback());
        assertThat(state()).isEqualTo(State.READY);
        fixture.make(new Hold(fixture.clock.instant().plusSeconds(30), 10, 1000, "", Optional.of(Colour.BLUE)));
        fixture.make(new Rollback());
        assertThat(state()).isEqualTo(State.READY);

        assertThat(fixture.make(new Rollback()).to()).isEqualTo(Colour.BLUE);
        Instant wentBack = fixture.clock.instant();
        fixture.clock.advance(Duration.ofHours(1));
        fixture.make(new StartCanary(Optional.of(Colour.GREEN), "r", States.watchedCanary()));
        fixture.make(new Abort(false));
        // It is told when it was, not when somebody else tried something else.
        assertThat(fixture.plane.status().rollback().why())
                .contains(wentBack.truncatedTo(ChronoUnit.SECONDS).toString());
        assertRefused();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rollbackDuringABakeAsksForTheVersionTooUnlessTurnoutGoesBackByItself(boolean auto) throws Exception {
        fixture = fixture.restart("1.0");
        fixture.make(new StartCanary(Optional.empty(), "r", States.watchedCanary()));
        fixture.make(new Promote(true));
        fixture = fixture.restart("3.0");

        for (Change back : List.of(new Rollback(), new Abort(false))) {
            assertThat(fixture.refusal(ControlFixture.request(back)).kind()).isEqualTo(Kind.ROLLBACK_TARGET_CHANGED);
        }
        assertThat(fixture.board.current().active()).isEqualTo(Colour.GREEN);
        assertThat(fixture.make(forced(auto ? new Abort(true) : new Rollback())).to())
                .isEqualTo(Colour.BLUE);
    }

    @Test
    void rollbackThatIsForcedAndTheEndOfAHoldDoNotWaitForTheDisk() throws Exception {
        fixture.make(TO_GREEN);
        fixture.make(new Hold(fixture.clock.instant().plusSeconds(300), 10, 1000, ""));
        fixture.disk.failAlways("No space left on device");

        assertThat(fixture.refusal(ControlFixture.request(new Rollback())).kind())
                .isEqualTo(Kind.STATE_NOT_SAVED);
        assertThat(fixture.make(new HoldChange.Release(OptionalLong.empty())).changed())
                .isTrue();
        assertThat(fixture.make(forced(new Rollback())).to()).isEqualTo(Colour.BLUE);
    }

    private static ChangeRequest forced(Change change) {
        return new ChangeRequest(change, OptionalLong.empty(), false, true, false, "", ControlFixture.ACTOR);
    }

    @Test
    void rollbackEndsAHoldThoughTrafficHasGoneBackAlready() throws Exception {
        fixture.make(TO_GREEN);
        fixture.make(new Rollback());
        fixture.make(new Hold(fixture.clock.instant().plusSeconds(30), 10, 1000, ""));

        ChangeResult ended = fixture.make(new Rollback());

        assertThat(ended.changed()).isTrue();
        assertThat(ended.to()).isEqualTo(Colour.BLUE);
        assertThat(fixture.board.current().hold()).isNull();
        assertRefused();
    }

    @Test
    void rollbackToAnotherVersionThanUsersHadNeedsForce() throws Exception {
        fixture = fixture.restart("1.0");
        fixture.make(TO_GREEN);
        assertThat(state()).isEqualTo(State.READY);

        fixture = fixture.restart("3.0");

        assertThat(state()).isEqualTo(State.STALE);
        ChangeRefused refused = fixture.refusal(ControlFixture.request(new Rollback()));
        assertThat(refused.kind()).isEqualTo(Kind.ROLLBACK_TARGET_CHANGED);
        assertThat(refused)
                .hasMessageStartingWith("blue is not as it was when it had the traffic: it was 1.0 at ")
                .hasMessageContaining(", it is 3.0 at ");
        assertThat(fixture.make(forced(new Rollback())).to()).isEqualTo(Colour.BLUE);
    }

    /** As the version is not told, that it is another one cannot be known. */
    @Test
    void rollbackToAPoolWithoutAVersionIsMade() throws Exception {
        fixture.make(TO_GREEN);
        fixture = fixture.restart("3.0");

        assertThat(state()).isEqualTo(State.STALE);
        assertThat(fixture.make(new Rollback()).to()).isEqualTo(Colour.BLUE);
    }

    @Test
    void holdOfASwitchThatDidNotOutliveItsProcessEndsAtTheStart() throws Exception {
        fixture.make(new Hold(fixture.clock.instant().plusSeconds(300), 10, 1000, "", Optional.of(Colour.GREEN)));

        fixture = fixture.restart();
        // Behind what is done at the start.
        fixture.make(TO_BLUE);

        assertThat(fixture.board.current().hold()).isNull();
        HistoryEntry entry = fixture.plane.history(1, Long.MAX_VALUE).get(0);
        assertThat(entry.action()).isEqualTo("hold-expired");
        assertThat(entry.reason()).isEqualTo("the switch to green that it was for has not outlived a restart");
    }

    private void assertRefused() {
        Colour active = fixture.board.current().active();

        assertThat(fixture.refusal(ControlFixture.request(new Rollback())).kind())
                .isEqualTo(Kind.ALREADY_ROLLED_BACK);
        assertThat(fixture.board.current().active()).isEqualTo(active);
        assertThat(state()).isEqualTo(State.DONE);
    }

    private State state() {
        return fixture.plane.status().rollback().state();
    }
}
