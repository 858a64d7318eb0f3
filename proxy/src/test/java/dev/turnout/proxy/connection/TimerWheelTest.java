package dev.turnout.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimerWheelTest {

    private static final long TICK = TimerWheel.TICK_NANOS;

    private final List<String> fired = new ArrayList<>();
    private final TimerWheel wheel = new TimerWheel(1_000);

    private TimerWheel.Timer timer(String name) {
        return new TimerWheel.Timer(() -> fired.add(name));
    }

    @Test
    void firesOnceAtOrAfterItsDeadline() {
        wheel.set(timer("a"), 1_000 + 3 * TICK);

        wheel.advance(1_000 + 3 * TICK - 1);
        assertThat(fired).isEmpty();

        wheel.advance(1_000 + 4 * TICK);
        wheel.advance(1_000 + 9 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void timerThatFailsDoesNotTakeOthersWithIt() {
        TimerWheel.Timer failing = new TimerWheel.Timer(() -> {
            throw new IllegalStateException("as the test wants it");
        });
        wheel.set(failing, 1_000 + 2 * TICK);
        wheel.set(timer("a"), 1_000 + 2 * TICK);

        wheel.advance(1_000 + 3 * TICK);

        assertThat(fired).containsExactly("a");
    }

    @Test
    void deadlinePushedBackIsHonoured() {
        TimerWheel.Timer timer = timer("a");
        wheel.set(timer, 1_000 + 2 * TICK);
        wheel.set(timer, 1_000 + 10 * TICK);

        wheel.advance(1_000 + 9 * TICK);
        assertThat(fired).isEmpty();

        wheel.advance(1_000 + 11 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void deadlinePulledForwardIsHonoured() {
        TimerWheel.Timer timer = timer("a");
        wheel.set(timer, 1_000 + 500 * TICK);
        wheel.set(timer, 1_000 + 2 * TICK);

        wheel.advance(1_000 + 3 * TICK);

        assertThat(fired).containsExactly("a");
    }

    @Test
    void cancelledTimerDoesNotFireAndMayBeSetAgain() {
        TimerWheel.Timer timer = timer("a");
        wheel.set(timer, 1_000 + 2 * TICK);
        wheel.cancel(timer);
        wheel.cancel(timer);

        wheel.advance(1_000 + 5 * TICK);
        assertThat(fired).isEmpty();

        wheel.set(timer, 1_000 + 6 * TICK);
        wheel.advance(1_000 + 7 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void actionMaySetItsOwnTimerAndCancelOthers() {
        TimerWheel.Timer other = timer("other");
        TimerWheel.Timer[] self = new TimerWheel.Timer[1];
        self[0] = new TimerWheel.Timer(() -> {
            fired.add("self");
            wheel.cancel(other);
            if (fired.size() < 3) {
                wheel.set(self[0], 1_000);
            }
        });
        wheel.set(self[0], 1_000 + TICK);
        wheel.set(other, 1_000 + TICK);

        for (int i = 1; i < 10; i++) {
            wheel.advance(1_000 + i * TICK);
        }

        assertThat(fired).containsExactly("self", "self", "self");
    }

    @Test
    void longStopIsCaughtUpWithInOneTurn() {
        wheel.set(timer("near"), 1_000 + 2 * TICK);
        wheel.set(timer("far"), 1_000 + 5_000 * TICK);

        wheel.advance(1_000 + 1_000_000 * TICK);

        assertThat(fired).containsExactlyInAnyOrder("near", "far");
    }

    @Test
    void randomDeadlinesFireInTimeAndNeverEarly() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long[] deadline = new long[500];
        long[] firedAt = new long[500];
        long[] now = {1_000};
        TimerWheel.Timer[] timers = new TimerWheel.Timer[500];
        for (int i = 0; i < timers.length; i++) {
            int id = i;
            timers[i] = new TimerWheel.Timer(() -> firedAt[id] = now[0]);
        }

        for (int step = 0; step < 4_000; step++) {
            now[0] += random.nextLong(TICK);
            if (step < 2_000) {
                int id = random.nextInt(timers.length);
                if (firedAt[id] == 0) {
                    deadline[id] = now[0] + random.nextLong(1_500 * TICK);
                    wheel.set(timers[id], deadline[id]);
                }
            }
            wheel.advance(now[0]);
        }
        now[0] += 3_000 * TICK;
        wheel.advance(now[0] - 1_600 * TICK);
        wheel.advance(now[0]);

        for (int i = 0; i < timers.length; i++) {
            if (deadline[i] != 0) {
                assertThat(firedAt[i]).as("timer %d, seed %d", i, seed).isGreaterThanOrEqualTo(deadline[i]);
            }
        }
    }
}
