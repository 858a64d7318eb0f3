package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.RetrySettings;
import dev.turnout.proxy.exchange.RetryRules.Again;
import dev.turnout.proxy.exchange.RetryRules.Attempt;
import dev.turnout.proxy.exchange.RetryRules.Trouble;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.Method;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RetryRulesTest {

    private static final long WITHIN = Duration.ofSeconds(10).toNanos();
    private static final Attempt FIRST = new Attempt(true, true, 0, true, 1, 0);

    private final RetryRules rules = rules(3, false);

    private static RetryRules rules(int attempts, boolean nonIdempotent) {
        return RetryRules.of(
                new RetrySettings(attempts, 20, 3, Duration.ofNanos(WITHIN), 100, Set.of(503), nonIdempotent));
    }

    @Test
    void whatWasNotSentIsSentElsewhereWhateverItIs() {
        Attempt post = new Attempt(false, false, 0, true, 1, 0);

        assertThat(rules.after(Trouble.NOT_SENT, post)).isEqualTo(Again.ELSEWHERE);
    }

    @Test
    void keptConnectionThatWasClosedBeforeAnythingWasSentSaysNothingOfItsBackend() {
        Attempt post = new Attempt(false, true, 0, true, 1, 0);

        assertThat(rules.after(Trouble.NOT_SENT, post)).isEqualTo(Again.FRESH);
    }

    @Test
    void staleConnectionIsReplacedByAFreshOneForWhatMayBeRepeated() {
        assertThat(rules.after(Trouble.NO_ANSWER, FIRST)).isEqualTo(Again.FRESH);
        assertThat(rules.after(Trouble.NO_ANSWER, new Attempt(false, true, 0, true, 1, 0)))
                .isEqualTo(Again.NO);
    }

    @Test
    void whatHadNoAnswerOverAFreshConnectionIsTriedAtOneMoreBackendIfItMayBeRepeated() {
        assertThat(rules.after(Trouble.NO_ANSWER, new Attempt(true, false, 1, true, 1, 0)))
                .isEqualTo(Again.ELSEWHERE);
        assertThat(rules.after(Trouble.NO_ANSWER, new Attempt(true, false, 2, true, 2, 0)))
                .isEqualTo(Again.NO);
        assertThat(rules.after(Trouble.NO_ANSWER, new Attempt(false, false, 1, true, 1, 0)))
                .isEqualTo(Again.NO);
    }

    @Test
    void requestThatTwoBackendsMayHaveDiedOfIsGivenToNoThird() {
        RetryRules many = rules(10, false);

        // The first one is gone, kept connection and all; that of the second one may only be stale.
        assertThat(many.after(Trouble.NO_ANSWER, new Attempt(true, true, 0, true, 1, 0)))
                .isEqualTo(Again.FRESH);
        assertThat(many.after(Trouble.NOT_SENT, new Attempt(true, false, 1, true, 2, 0)))
                .isEqualTo(Again.ELSEWHERE);
        assertThat(many.after(Trouble.NO_ANSWER, new Attempt(true, true, 1, true, 3, 0)))
                .isEqualTo(Again.FRESH);
        for (Trouble trouble : Trouble.values()) {
            assertThat(many.after(trouble, new Attempt(true, false, 2, true, 4, 0)))
                    .as("%s", trouble)
                    .isEqualTo(Again.NO);
        }
    }

    @Test
    void badStatusIsTriedElsewhereForWhatMayBeRepeated() {
        assertThat(rules.after(Trouble.BAD_STATUS, FIRST)).isEqualTo(Again.ELSEWHERE);
        assertThat(rules.after(Trouble.BAD_STATUS, new Attempt(false, true, 0, true, 1, 0)))
                .isEqualTo(Again.NO);
        assertThat(rules.isRetried(503)).isTrue();
        for (int status : new int[] {100, 200, 404, 500, 502, 504, 535, 599}) {
            assertThat(rules.isRetried(status)).as("%d", status).isFalse();
        }
    }

    @Test
    void nothingIsTriedWithoutItsBodyOrTooOftenOrTooLate() {
        for (Trouble trouble : Trouble.values()) {
            assertThat(rules.after(trouble, new Attempt(true, true, 0, false, 1, 0)))
                    .isEqualTo(Again.NO);
            assertThat(rules.after(trouble, new Attempt(true, true, 0, true, 2, WITHIN - 1)))
                    .isNotEqualTo(Again.NO);
            assertThat(rules.after(trouble, new Attempt(true, true, 0, true, 3, 0)))
                    .isEqualTo(Again.NO);
            assertThat(rules.after(trouble, new Attempt(true, true, 0, true, 1, WITHIN)))
                    .isEqualTo(Again.NO);
        }
    }

    @Test
    void methodOrKeyOrOperatorSaysWhatMayBeRepeated() {
        assertThat(rules.isRepeatable(Method.PUT, false)).isTrue();
        assertThat(rules.isRepeatable(Method.POST, false)).isFalse();
        assertThat(rules.isRepeatable(Method.POST, true)).isTrue();
        assertThat(rules(3, true).isRepeatable(Method.POST, false)).isTrue();
    }

    @Test
    void onlyWhatHasRoomForItsBodyAndASecondAttemptMayBeSentAgain() {
        assertThat(rules.maySendAgain(true, 100)).isTrue();
        assertThat(rules.maySendAgain(true, 101)).isFalse();
        assertThat(rules.maySendAgain(true, Head.CHUNKED)).isTrue();
        assertThat(rules.maySendAgain(false, 0)).isFalse();
        assertThat(rules(1, false).maySendAgain(true, 0)).isFalse();
    }
}
