package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
}
