package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class LatencyGaugeTest {

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final Percentage TICK = Percentage.withPercentage(1);

    private final LatencyGauge gauge = new LatencyGauge();
    private final long start = 1_000 * SECOND;

    @Test
    void nothingIsKnownAtFirstAndAfterALongTime() {
        assertThat(gauge.nanos(start)).isEqualTo(LatencyGauge.UNKNOWN);
        gauge.answered(5 * MILLI, start);
        assertThat(gauge.nanos(start)).isCloseTo(5 * MILLI, TICK);
        assertThat(gauge.nanos(start + 61 * SECOND)).isEqualTo(LatencyGauge.UNKNOWN);
    }

    @Test
    void risesAtOnceAndFallsWithTime() {
        gauge.answered(MILLI, start);
        gauge.answered(100 * MILLI, start + 100 * MILLI);
        assertThat(gauge.nanos(start + 100 * MILLI)).isCloseTo(100 * MILLI, TICK);

        gauge.answered(MILLI, start + 200 * MILLI);
        assertThat(gauge.nanos(start + 200 * MILLI)).isCloseTo(99 * MILLI, TICK);
        assertThat(gauge.nanos(start + 10 * SECOND + 200 * MILLI)).isCloseTo(99 * MILLI / Math.E, TICK);
    }

    @Test
    void failureWeighsMoreThanAQuickAnswerButIsNoPeak() {
        gauge.answered(MILLI, start);
        gauge.failed(start + 100 * MILLI);

        assertThat(gauge.nanos(start + 100 * MILLI)).isCloseTo(MILLI + 0.01 * SECOND, within(0.001 * SECOND));
        for (int i = 2; i < 300; i++) {
            gauge.failed(start + i * 100 * MILLI);
        }
        assertThat(gauge.nanos(start + 30 * SECOND)).isGreaterThan(0.9 * SECOND);
    }

    /** A colour that rests between two releases is not heard of for weeks, and a tick comes round again after 52 days. */
    @Test
    void silenceOfAnyLengthIsNotInTheWayOfWhatComesAfterIt() {
        List<Duration> silences = new ArrayList<>();
        for (int seconds : new int[] {1, 10, 59, 60, 62, 600, 3600}) {
            silences.add(Duration.ofSeconds(seconds));
        }
        for (int hours = 6; hours <= 60 * 24; hours += 6) {
            silences.add(Duration.ofHours(hours));
        }
        Duration round = Duration.ofNanos(1L << 52);
        for (int seconds : new int[] {-30, -1, 0, 1, 30}) {
            silences.add(round.plusSeconds(seconds));
        }
        for (Duration silence : silences) {
            LatencyGauge rested = new LatencyGauge();
            rested.answered(30 * SECOND, start);
            long now = start + silence.toNanos();
            if (silence.compareTo(Duration.ofSeconds(61)) > 0
                    && silence.minus(round).abs().compareTo(Duration.ofSeconds(61)) > 0) {
                assertThat(rested.nanos(now)).as("after %s", silence).isEqualTo(LatencyGauge.UNKNOWN);
            }

            for (int i = 0; i < 10_000; i++) {
                rested.answered(MILLI, now + i * 10 * MILLI);
            }

            // In 100 s all but 1/e^10 of 30 s is gone.
            assertThat(rested.nanos(now + 100 * SECOND)).as("after %s", silence).isCloseTo(MILLI, within(2.0 * MILLI));
        }
    }

    @Test
    void eventLoopThatIsALittleBehindKnowsWhatOthersHeard() {
        gauge.answered(100 * MILLI, start + 500 * MILLI);

        assertThat(gauge.nanos(start)).isCloseTo(100 * MILLI, TICK);
        gauge.answered(MILLI, start);
        assertThat(gauge.nanos(start)).isCloseTo(100 * MILLI, TICK);
    }
}
