package dev.turnout.proxy.control;

import static dev.turnout.proxy.control.ControlFixture.TO_GREEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.control.Change.DrainPool;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.control.Change.UndrainPool;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Drains, their deadlines, and those who wait for them. */
@Timeout(120)
class DrainTest {

    private static final Duration LONG = Duration.ofSeconds(Long.MAX_VALUE);

    private ControlFixture fixture = ControlFixture.start();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void whoWaitsForADrainIsToldWhenTheLastLeaseIsGivenBack() throws Exception {
        Lease first = fixture.lease();
        Lease second = fixture.lease();
        fixture.make(TO_GREEN);

        CompletionStage<Boolean> drained = fixture.plane.awaitDrained(Colour.BLUE, LONG);
        first.close(Outcome.SUCCESS);
        passOverTheControlThread();
        assertThat(drained.toCompletableFuture()).isNotDone();
        second.close(Outcome.SUCCESS);

        assertThat(ControlFixture.get(drained)).isTrue();
    }

    @Test
    void whoWaitsForADrainIsToldWhenTheOrderIsTakenBack() throws Exception {
        fixture.lease();
        fixture.make(TO_GREEN);
        CompletionStage<Boolean> drained = fixture.plane.awaitDrained(Colour.BLUE, LONG);

        fixture.make(new UndrainPool(Colour.BLUE));

        assertThat(ControlFixture.get(drained)).isFalse();
    }

    @Test
    void whoWaitsForADrainIsToldWhenTheTimeIsOver() throws Exception {
        fixture.lease();
        fixture.make(TO_GREEN);

        assertThat(ControlFixture.get(fixture.plane.awaitDrained(Colour.BLUE, Duration.ofMillis(1))))
                .isFalse();
    }

    @Test
    void poolUnderNoOrderIsNotWaitedFor() throws Exception {
        assertThat(ControlFixture.get(fixture.plane.awaitDrained(Colour.BLUE, LONG)))
                .isFalse();
    }

    @Test
    void whoWaitsForARevisionIsToldWhenItHasPassed() throws Exception {
        CompletionStage<Status> above = fixture.plane.awaitRevisionAbove(1, LONG);
        passOverTheControlThread();
        assertThat(above.toCompletableFuture()).isNotDone();

        fixture.make(TO_GREEN);

        assertThat(ControlFixture.get(above).revision()).isEqualTo(2);
        assertThat(ControlFixture.get(fixture.plane.awaitRevisionAbove(1, LONG)).revision())
                .isEqualTo(2);
        assertThat(ControlFixture.get(fixture.plane.awaitRevisionAbove(2, Duration.ZERO))
                        .revision())
                .isEqualTo(2);
    }

    @Test
    void whoWaitsBeyondTheLimitIsAnsweredAtOnce() throws Exception {
        List<CompletionStage<Status>> waiting = new ArrayList<>();
        for (int i = 0; i < Waiters.LIMIT; i++) {
            waiting.add(fixture.plane.awaitRevisionAbove(1, LONG));
        }

        assertThat(fixture.plane.awaitRevisionAbove(1, LONG).toCompletableFuture())
                .isDone();

        fixture.make(TO_GREEN);
        for (CompletionStage<Status> each : waiting) {
            assertThat(ControlFixture.get(each).revision()).isEqualTo(2);
        }
    }

    @Test
    void whoLeavesMakesRoomForOthers() throws Exception {
        for (int i = 0; i < Waiters.LIMIT; i++) {
            fixture.plane.awaitRevisionAbove(1, LONG).toCompletableFuture().cancel(false);
        }
        // Twice: whoever waits is looked at after the answer of the first.
        passOverTheControlThread();
        passOverTheControlThread();

        assertThat(fixture.plane.awaitRevisionAbove(1, LONG).toCompletableFuture())
                .isNotDone();
    }

    @Test
    void nobodyWaitsForAControlPlaneThatHasEnded() throws Exception {
        CompletionStage<Status> before = fixture.plane.awaitRevisionAbove(1, LONG);

        fixture.plane.close();

        assertThat(ControlFixture.get(before).revision()).isEqualTo(1);
        assertThat(ControlFixture.get(fixture.plane.awaitRevisionAbove(1, LONG)).revision())
                .isEqualTo(1);
    }

    @Test
    void whatIsInFlightAtTheDeadlineIsClosedIfSoOrdered() throws Exception {
        fixture.lease();
        fixture.make(TO_GREEN);

        fixture.make(new DrainPool(Colour.BLUE, Optional.of(Duration.ZERO), OnDeadline.CLOSE));

        assertThat(fixture.closed.poll(60, TimeUnit.SECONDS)).isEqualTo("blue all");
        assertThat(fixture.plane.status().blue().drain())
                .get()
                .extracting(Status.DrainStatus::state)
                .isEqualTo("overdue");
    }

    @Test
    void onlyTheIdleAreClosedIfSoOrdered() throws Exception {
        fixture.lease();
        fixture.make(TO_GREEN);

        fixture.make(new DrainPool(Colour.BLUE, Optional.of(Duration.ZERO), OnDeadline.CLOSE_IDLE));

        assertThat(fixture.closed.poll(60, TimeUnit.SECONDS)).isEqualTo("blue idle");
    }

    @Test
    void drainThatIsOverdueIsReportedAndNothingClosed() throws Exception {
        fixture.lease();
        fixture.make(TO_GREEN);

        fixture.make(new DrainPool(Colour.BLUE, Optional.of(Duration.ZERO), OnDeadline.REPORT));
        passOverTheControlThread();

        assertThat(fixture.closed).isEmpty();
        assertThat(fixture.plane.status().blue().drain())
                .get()
                .extracting(Status.DrainStatus::state)
                .isEqualTo("overdue");
    }

    @Test
    void orderTakenBackBeforeItsDeadlineClosesNothing() throws Exception {
        fixture.lease();
        fixture.make(TO_GREEN);
        fixture.make(new DrainPool(Colour.BLUE, Optional.of(Duration.ofMillis(50)), OnDeadline.CLOSE));

        fixture.make(new UndrainPool(Colour.BLUE));
        // A later order of the same kind: what is scheduled runs in order, so an earlier one would have come first.
        fixture.make(new DrainPool(Colour.BLUE, Optional.of(Duration.ofMillis(60)), OnDeadline.CLOSE_IDLE));

        assertThat(fixture.closed.poll(60, TimeUnit.SECONDS)).isEqualTo("blue idle");
    }

    @Test
    void deadlineOfAnOrderOutlivesTheProcess() throws Exception {
        fixture.make(TO_GREEN);
        fixture.make(ControlFixture.forced(
                new DrainPool(Colour.GREEN, Optional.of(Duration.ofMinutes(1)), OnDeadline.CLOSE)));

        fixture = fixture.restart();

        assertThat(fixture.grantsLeases(Colour.GREEN)).isFalse();
        assertThat(fixture.plane.status().green().drain().orElseThrow().order().deadline())
                .isEqualTo(States.NOON.plusSeconds(60));
    }

    /** What was given to the control thread before has been done. */
    private void passOverTheControlThread() throws Exception {
        fixture.make(new SwitchTo(Optional.of(fixture.board.current().active())));
    }
}
