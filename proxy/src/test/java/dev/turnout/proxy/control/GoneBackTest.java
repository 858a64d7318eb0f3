package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change.DrainPool;
import dev.turnout.proxy.control.Change.Rollback;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.control.HoldChange.Hold;
import dev.turnout.proxy.control.ReleaseChange.Abort;
import dev.turnout.proxy.control.ReleaseChange.StartCanary;
import dev.turnout.proxy.control.RollbackReadiness.State;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A rollback never goes forward: whoever sends one when traffic has gone back already would get the bad version for it. */
class GoneBackTest {

    private static final Change TO_GREEN = new SwitchTo(Optional.of(Colour.GREEN));
    private static final Change TO_BLUE = new SwitchTo(Optional.of(Colour.BLUE));

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
        ChangeRequest forced =
                new ChangeRequest(new Rollback(), OptionalLong.empty(), false, true, false, "", ControlFixture.ACTOR);
        assertThat(fixture.make(forced).to()).isEqualTo(Colour.BLUE);
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
