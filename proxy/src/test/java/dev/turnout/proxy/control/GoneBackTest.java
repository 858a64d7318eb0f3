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
        fixture.make(new Hold(fixture.clock.instant().plusSeconds(30), 10, 1000, "", true));

        assertThat(fixture.make(new Rollback()).to()).isEqualTo(Colour.GREEN);
        assertRefused();
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
