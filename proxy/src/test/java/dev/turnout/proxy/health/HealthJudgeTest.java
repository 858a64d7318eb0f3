package dev.turnout.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.health.HealthJudge.Standing;
import org.junit.jupiter.api.Test;

class HealthJudgeTest {

    private final HealthJudge judge = new HealthJudge(2, 3);

    @Test
    void newBackendIsDown() {
        assertThat(Standing.NEW.up()).isFalse();
    }

    @Test
    void probeForWhichThereWasNoSocketSaysNothing() {
        Standing down = new Standing(false, true, 1);
        Standing up = new Standing(true, true, 2);

        assertThat(judge.after(up, ProbeResult.inconclusive(""))).isEqualTo(up);
        assertThat(judge.after(down, ProbeResult.inconclusive(""))).isEqualTo(down);
        assertThat(judge.after(up, ProbeResult.failure("")).up()).isFalse();
        assertThat(judge.after(down, ProbeResult.success("")).up()).isTrue();
    }

    @Test
    void firstSuccessEverBringsItUpAtOnce() {
        assertThat(after("+")).isEqualTo("U");
        assertThat(after("---+")).isEqualTo("dddU");
    }

    @Test
    void fallFailuresInARowTakeItDown() {
        assertThat(after("+---")).isEqualTo("UUUd");
    }

    @Test
    void oneSuccessBetweenFailuresStartsTheRowAgain() {
        assertThat(after("+--+--+---")).isEqualTo("UUUUUUUUUd");
    }

    @Test
    void riseSuccessesInARowBringItUpAgain() {
        assertThat(after("+---+-++")).isEqualTo("UUUddddU");
    }

    @Test
    void riseAndFallOfOneFollowEveryProbe() {
        Standing standing = Standing.NEW;
        HealthJudge hasty = new HealthJudge(1, 1);

        for (boolean success : new boolean[] {true, false, true, false}) {
            standing = hasty.after(standing, success);

            assertThat(standing.up()).isEqualTo(success);
        }
    }

    /** Probes as {@code +} and {@code -}; what the backend was after each, as {@code U} and {@code d}. */
    private String after(String probes) {
        StringBuilder seen = new StringBuilder();
        Standing standing = Standing.NEW;
        for (int i = 0; i < probes.length(); i++) {
            standing = judge.after(standing, probes.charAt(i) == '+');
            seen.append(standing.up() ? 'U' : 'd');
        }
        return seen.toString();
    }
}
