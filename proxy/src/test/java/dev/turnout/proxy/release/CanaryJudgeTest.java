package dev.turnout.proxy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.turnout.config.Colour;
import dev.turnout.proxy.release.Verdict.Outcome;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of the judge, one by one; what they come to is in {@link JudgeSimulationTest}. */
final class CanaryJudgeTest {

    private static final long BLOCK = 10_000;

    private final CanaryJudge judge = judge(JudgeSettings.defaults());

    private static CanaryJudge judge(JudgeSettings settings) {
        CanaryJudge judge = new CanaryJudge(settings);
        judge.beginStep(0, 0.1);
        return judge;
    }

    private static JudgeSettings withoutHardLimit() {
        JudgeSettings usual = JudgeSettings.defaults();
        return new JudgeSettings(
                usual.alpha(), 1.0, 1.5, usual.signals(), 0, 1, usual.healthyRatio(), usual.beta(), 300, false);
    }

    private void error(long at, String backend, boolean candidate, long user) {
        judge.requests(at, backend, candidate, 1);
        judge.bad(at, Signal.ERROR, backend, candidate, user, "GET /");
    }

    @Test
    void evidenceOfALevelCanaryIsOneOnAverageOverEveryWayTenErrorsCanFall() {
        double share = 0.1;
        double mean = 0;
        for (int way = 0; way < 1 << 10; way++) {
            SequentialTest test = new SequentialTest(1.0, 0);
            double probability = 1;
            for (int i = 0; i < 10; i++) {
                boolean candidate = (way >> i & 1) == 1;
                probability *= candidate ? share : 1 - share;
                test.bad(i * 200_000L, candidate, share);
            }
            mean += probability * Math.exp(test.logEvidence());
        }

        assertThat(mean).isCloseTo(1.0, within(1e-9));
    }

    @Test
    void evidenceNeverOverflows() {
        SequentialTest test = new SequentialTest(1.0, 0);
        for (int i = 0; i < 100_000; i++) {
            test.bad(i * 1000L, true, 0.01);
        }

        assertThat(test.logEvidence()).isFinite().isGreaterThan(1000);
    }

    @Test
    void attemptThatCouldOnlyHaveBeenOneColoursTellsNothing() {
        SequentialTest test = new SequentialTest(1.0, 0);

        test.bad(0, true, 1);
        test.bad(0, false, 0);

        assertThat(test.logEvidence()).isZero();
    }

    @Test
    void withoutErrorsThereIsNoEvidenceHoweverManyRequests() {
        judge.requests(0, "a", false, 1_000_000);
        judge.requests(0, "b", true, 299);
        assertThat(judge.verdict().evidence()).isEqualTo(1.0);
        assertThat(judge.verdict().outcome()).isEqualTo(Outcome.INCONCLUSIVE);

        judge.requests(0, "b", true, 1);

        assertThat(judge.verdict().outcome()).isEqualTo(Outcome.PASS);
    }

    @Test
    void oneUserCountsOnce() {
        judge.requests(0, "a", false, 900);
        judge.requests(0, "b", true, 100);
        for (int i = 0; i < 20; i++) {
            error(i * BLOCK, "b", true, 7);
        }

        assertThat(judge.verdict().signals().get(Signal.ERROR).canaryEvents()).isEqualTo(1);
        assertThat(judge.isAlarm()).isFalse();
    }

    @Test
    void backendCountsOnceInTenSecondsAndItsTurnTellsTheShareOfTheOthers() {
        CanaryJudge other = judge(withoutHardLimit());
        other.requests(0, "a", false, 900);
        other.requests(0, "b", true, 100);
        for (int i = 0; i < 50; i++) {
            other.bad(5, Signal.ERROR, "a", false, 0, "GET /");
            other.bad(5, Signal.ERROR, "b", true, 0, "GET /");
        }

        // Blue's first moved the evidence down; green's first came when green alone was left, and tells nothing.
        assertThat(other.verdict().signals().get(Signal.ERROR).canaryEvents()).isEqualTo(1);
        assertThat(other.verdict().evidence()).isLessThan(1.0);

        other.bad(5 + BLOCK, Signal.ERROR, "b", true, 0, "GET /");
        assertThat(other.verdict().signals().get(Signal.ERROR).canaryEvents()).isEqualTo(2);
        assertThat(other.verdict().evidence()).isGreaterThan(1.0);
    }

    @Test
    void slowIsNotJudgedWhileAStepWarmsUp() {
        judge.requests(0, "b", true, 100);
        judge.bad(59_999, Signal.SLOW, "b", true, 0, "GET /");
        assertThat(judge.verdict().signals().get(Signal.SLOW).canaryEvents()).isZero();

        judge.bad(60_000, Signal.SLOW, "b", true, 0, "GET /");

        assertThat(judge.verdict().signals().get(Signal.SLOW).canaryEvents()).isEqualTo(1);
    }

    @Test
    void halfOfFiveIsTheHardLimitAndAnAlarmStands() {
        judge.requests(0, "a", false, 45);
        for (int i = 0; i < 5; i++) {
            assertThat(judge.isAlarm()).isFalse();
            error(0, "b", true, 0);
        }

        assertThat(judge.isAlarm()).isTrue();
        judge.requests(0, "b", true, 100_000);
        assertThat(judge.verdict().outcome()).isEqualTo(Outcome.FAIL);
        assertThat(judge.verdict().text(Colour.GREEN)).startsWith("hard limit: 4 errors of 5 requests");
    }

    @Test
    void canaryThatBreaksAfterLongHealthIsCaughtByItsLastRequests() {
        judge.requests(0, "a", false, 90_000);
        judge.requests(0, "b", true, 10_000);
        int failed = 0;
        while (!judge.isAlarm()) {
            judge.requests(1000, "a", false, 9);
            error(1000, "b", true, 0);
            assertThat(++failed).isLessThanOrEqualTo(100);
        }
    }

    @Test
    void whatBothColoursSufferIsNoHardLimit() {
        for (int i = 0; i < 100; i++) {
            judge.requests(0, "a", false, 9);
            judge.requests(0, "b", true, 1);
            for (int n = 0; n < 9; n++) {
                judge.bad(0, Signal.ERROR, "a", false, 0, "GET /");
            }
            judge.bad(0, Signal.ERROR, "b", true, 0, "GET /");
        }

        assertThat(judge.isAlarm()).isFalse();
    }

    @Test
    void requestsOfRulesHaveTheHardLimitAlone() {
        judge.ruleRouted(10, 4);
        assertThat(judge.isAlarm()).isFalse();
        assertThat(judge.verdict().evidence()).isEqualTo(1.0);

        judge.ruleRouted(0, 1);

        assertThat(judge.isAlarm()).isTrue();
    }

    @Test
    void worstRoutesAreBounded() {
        CanaryJudge other = judge(withoutHardLimit());
        for (int i = 0; i < 1000; i++) {
            other.bad(0, Signal.ERROR, "b" + i, true, 0, "GET /" + i);
        }

        assertThat(other.verdict().worstRoutes()).hasSize(5);
        assertThat(other.verdict().worstRoutes().get(0).name()).isEqualTo("others");
    }

    @Test
    void betterCanaryNeverAlarms() {
        CanaryJudge other =
                judge(new JudgeSettings(0.01, 1.0, 1.5, Set.of(Signal.ERROR), 0, 1, 2.0, 0.05, 1_000_000, false));
        for (int i = 0; i < 1000; i++) {
            other.requests(i * BLOCK, "a", false, 90);
            other.requests(i * BLOCK, "b", true, 10);
            other.bad(i * BLOCK, Signal.ERROR, "a", false, 0, "GET /");
        }

        assertThat(other.verdict().evidence()).isLessThan(1.0);
        assertThat(other.verdict().outcome()).isEqualTo(Outcome.PASS);
        assertThat(other.verdict().healthyEvidence()).isGreaterThan(20);
    }
}
