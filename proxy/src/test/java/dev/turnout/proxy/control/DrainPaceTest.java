package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.config.DrainSettings;
import dev.turnout.config.DrainSettings.Handling;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.control.Change.UndrainPool;
import dev.turnout.proxy.routing.InFlight;
import dev.turnout.proxy.routing.LongLived;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many may be ended at each tenth of a second, without event loops. */
final class DrainPaceTest {

    private final ControlFixture control = ControlFixture.start();
    private final ScheduledExecutorService never = Executors.newSingleThreadScheduledExecutor();
    private final List<AtomicInteger> given = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private double chance = 0.5;

    private final InFlight inFlight = new InFlight() {
        @Override
        public void close(Colour colour, boolean idleOnly) {}

        @Override
        public void end(Colour colour, LongLived kind, AtomicInteger left) {
            String most = left.get() == Integer.MAX_VALUE ? "all" : String.valueOf(left.get());
            asked.add(colour.label() + " " + kind.label() + " " + most);
            given.add(left);
        }
    };

    @BeforeEach
    void drainBlueOfARequest() throws Exception {
        control.lease();
        control.make(new SwitchTo(Optional.of(Colour.GREEN)));
    }

    @AfterEach
    void close() {
        never.shutdownNow();
        control.close();
    }

    private DrainPace pace(Handling websockets, Handling streams, int rate) {
        DrainSettings settings = new DrainSettings(websockets, Handling.KEEP, streams, rate, 20);
        return new DrainPace(settings, control.board, inFlight, never, () -> chance);
    }

    @Test
    void eachTickHasItsShareOfASecondAndWhatIsLessThanOneIsKept() {
        DrainPace pace = pace(Handling.PACE, Handling.KEEP, 25);

        for (int i = 0; i < 4; i++) {
            pace.tick();
        }

        assertThat(asked)
                .containsExactly("blue websocket 2", "blue websocket 3", "blue websocket 2", "blue websocket 3");
    }

    @Test
    void jitterMovesItBothWays() {
        DrainPace pace = pace(Handling.PACE, Handling.KEEP, 1000);

        chance = 0;
        pace.tick();
        chance = 1;
        pace.tick();

        assertThat(asked).containsExactly("blue websocket 80", "blue websocket 120");
    }

    @Test
    void rateBelowTheTicksEndsOneNowAndThen() {
        DrainPace pace = pace(Handling.PACE, Handling.KEEP, 3);

        for (int i = 0; i < 10; i++) {
            pace.tick();
        }

        assertThat(asked).hasSizeBetween(2, 3).containsOnly("blue websocket 1");
    }

    @Test
    void cutIsAtOnceAndKeepIsNot() {
        pace(Handling.KEEP, Handling.CUT, 1).tick();

        assertThat(asked).containsExactly("blue event-stream all");
    }

    @Test
    void whatNobodyCameToIsTakenBack() {
        DrainPace pace = pace(Handling.PACE, Handling.KEEP, 100);

        pace.tick();
        assertThat(given.get(0)).hasValue(10);
        pace.tick();
        assertThat(given.get(0)).hasValue(0);
        assertThat(given.get(1)).hasValue(10);
        pace.close();

        assertThat(given.get(1)).hasValue(0);
    }

    @Test
    void nothingIsAskedWhenTheOrderIsTakenBack() throws Exception {
        DrainPace pace = pace(Handling.PACE, Handling.CUT, 100);
        pace.tick();
        assertThat(given).hasSize(2);

        control.make(new UndrainPool(Colour.BLUE));
        pace.follow();
        pace.tick();

        assertThat(given).hasSize(2);
        assertThat(given).allSatisfy(left -> assertThat(left).hasValue(0));
    }
}
