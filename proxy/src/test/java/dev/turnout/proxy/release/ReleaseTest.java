package dev.turnout.proxy.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Where a release is, and what moves it: arithmetic on time. */
final class ReleaseTest {

    private static final Instant T0 = Instant.parse("2026-01-01T12:00:00Z");

    private final CanaryPlan plan = Plans.of(
            new Aftercare(Duration.ofMinutes(10), 250, Duration.ofMinutes(5)),
            new Step(100, Duration.ofMinutes(5), 0, false),
            new Step(100, Duration.ZERO, 0, true),
            new Step(5000, Duration.ofMinutes(10), 500, false));

    private final Release first = Release.canary("r-1", Colour.GREEN, plan, Baseline.UNKNOWN, T0);

    @Test
    void pauseDoesNotCountAsTimeInTheStep() {
        Release paused = first.paused("why", T0.plusSeconds(100));
        Release resumed = paused.resumed(T0.plusSeconds(1100));

        assertThat(paused.inStep(T0.plusSeconds(1000))).isEqualTo(Duration.ofSeconds(100));
        assertThat(resumed.inStep(T0.plusSeconds(1150))).isEqualTo(Duration.ofSeconds(150));
    }

    @Test
    void pauseStepKeepsTheShareThatIsInForce() {
        Release heavier = first.withWeight(333, T0.plusSeconds(10));

        Release atPause = heavier.atStep(1, T0.plusSeconds(20));

        assertThat(atPause.weight()).isEqualTo(333);
        assertThat(atPause.isPaused()).isTrue();
        assertThat(atPause.atStep(2, T0.plusSeconds(30)).weight()).isEqualTo(5000);
        assertThat(atPause.atStep(2, T0.plusSeconds(30)).isPaused()).isFalse();
    }

    @Test
    void bakeHoldsBackItsShareAndKnowsWhenItMustBeConfirmed() {
        Release baking = first.baking(T0);

        assertThat(baking.weight()).isEqualTo(9750);
        assertThat(baking.usesBoth()).isTrue();
        assertThat(baking.confirmBy()).contains(T0.plusSeconds(300));
        assertThat(baking.confirmed().confirmBy()).isEmpty();
    }

    @Test
    void clockThatIsSetBackMakesNoNegativeTime() {
        assertThat(first.inStep(T0.minusSeconds(60))).isZero();
        assertThat(first.paused("why", T0).resumed(T0.minusSeconds(60)).stepSince())
                .isEqualTo(T0);
    }

    @Test
    void limitForSlowAnswersIsAtMostAnEighthTooHigh() {
        for (long nanos = 70_000; nanos < 100_000_000_000L; nanos = nanos * 3 / 2) {
            long limit = HeadTimes.endOf(HeadTimes.indexOf(nanos));
            assertThat(limit).isGreaterThan(nanos).isLessThanOrEqualTo(nanos + nanos / 8 + 1);
        }
        assertThat(HeadTimes.indexOf(Long.MAX_VALUE)).isEqualTo(HeadTimes.COUNT - 1);
        assertThat(HeadTimes.indexOf(0)).isZero();
    }

    @Test
    void baselineIsThatOfTheLastMinutesAlone() {
        Evidence evidence = new Evidence(1);
        for (int i = 0; i < 1000; i++) {
            evidence.answered(0, Colour.BLUE, 1_000_000_000L, true);
        }
        RecentTraffic traffic = new RecentTraffic(evidence);
        assertThat(traffic.of(Colour.BLUE)).isEqualTo(Baseline.UNKNOWN);
        for (int i = 0; i < 1000; i++) {
            evidence.answered(0, Colour.BLUE, i < 995 ? 2_000_000 : 500_000_000, i % 100 == 0);
        }

        Baseline baseline = traffic.of(Colour.BLUE);

        assertThat(baseline.requests()).isEqualTo(1000);
        assertThat(baseline.errors()).isEqualTo(10);
        assertThat(baseline.slowNanos()).isBetween(2_000_000L, 2_260_000L);
        for (int i = 0; i < 30; i++) {
            traffic.sample();
        }
        assertThat(traffic.of(Colour.BLUE).requests()).isZero();
        assertThat(traffic.of(Colour.GREEN)).isEqualTo(Baseline.UNKNOWN);
    }

    @Test
    void queueOfBadAttemptsIsBounded() {
        Evidence evidence = new Evidence(1);
        int[] woken = {0};
        evidence.onBad(() -> woken[0]++);
        for (int i = 0; i < Evidence.QUEUE_LIMIT + 10; i++) {
            evidence.bad(new Evidence.Bad(Signal.ERROR, "b", true, false, 0, "GET /"));
        }

        assertThat(evidence.dropped()).isEqualTo(10);
        assertThat(woken[0]).isEqualTo(Evidence.QUEUE_LIMIT);
        int polled = 0;
        while (evidence.poll() != null) {
            polled++;
        }
        assertThat(polled).isEqualTo(Evidence.QUEUE_LIMIT);
    }
}
