package dev.turnout.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.balance.Candidate;
import dev.turnout.proxy.request.AnyRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowStartTest {

    private static final Duration WINDOW = Duration.ofSeconds(10);
    /** As with System.nanoTime, zero is nothing special. */
    private static final long START = -Duration.ofSeconds(3).toNanos();

    private static final long FRESH_SINCE = START + Duration.ofHours(1).toNanos();

    private final Backend old = backend(9101, START);
    private final Backend fresh = backend(9102, FRESH_SINCE);

    private long now = FRESH_SINCE;

    @Test
    void weightGrowsByTenthsToAllOfIt() {
        for (int tenth = 0; tenth < 10; tenth++) {
            assertThat(SlowStart.tenths(Duration.ofMillis(tenth * 1000L).toNanos(), WINDOW))
                    .isEqualTo(tenth + 1);
            assertThat(SlowStart.tenths(Duration.ofMillis(tenth * 1000L + 999).toNanos(), WINDOW))
                    .isEqualTo(tenth + 1);
        }
        assertThat(SlowStart.tenths(WINDOW.toNanos(), WINDOW)).isEqualTo(10);
        assertThat(SlowStart.tenths(0, Duration.ZERO)).isEqualTo(10);
    }

    /** The weight of the old one is 3, of the fresh one 7. */
    @ParameterizedTest
    @CsvSource({"0,30,7", "10,30,14", "50,30,42", "89,30,63", "99,3,7", "100,3,7", "5000,3,7"})
    void freshOneBesideAnOldOneHasATenthAndThenMore(int percent, int weightOfOld, int weightOfFresh) {
        List<Pool.Member> members = List.of(new Pool.Member(old, 3), new Pool.Member(fresh, 7));

        SlowStart slowStart = SlowStart.at(at(percent), members, WINDOW);

        assertThat(slowStart.candidates())
                .containsExactly(new Candidate(old, weightOfOld), new Candidate(fresh, weightOfFresh));
        assertThat(slowStart.isUnderWay()).isEqualTo(weightOfOld == 30);
    }

    @Test
    void withoutAWindowAllHaveAllOfTheirWeightAtOnce() {
        List<Pool.Member> members = List.of(new Pool.Member(old, 3), new Pool.Member(fresh, 7));

        SlowStart slowStart = SlowStart.at(at(0), members, Duration.ZERO);

        assertThat(slowStart.candidates()).containsExactly(new Candidate(old, 3), new Candidate(fresh, 7));
        assertThat(slowStart.isUnderWay()).isFalse();
    }

    /** Of so many requests to a pool of two of the same weight, by turns. */
    @ParameterizedTest
    @CsvSource({"0,110,10", "10,120,20", "50,160,60", "99,200,100", "100,200,100"})
    void poolSendsLittleToTheFreshOneAndThenMore(int percent, int requests, int toFresh) {
        Pool made = pool(List.of(new Pool.Member(old, 4), new Pool.Member(fresh, 4)));
        now = at(percent);
        Pool pool = made.refreshed();

        int picked = 0;
        for (int i = 0; i < requests; i++) {
            picked += pool.balancer().pick(new AnyRequest(), null) == fresh ? 1 : 0;
        }

        assertThat(picked).isEqualTo(toFresh);
        assertThat(pool.isRamping()).isEqualTo(percent < 90);
        assertThat(pool.slowStartPercent(old)).isEmpty();
        assertThat(pool.slowStartPercent(fresh))
                .isEqualTo(percent < 90 ? OptionalInt.of(percent + 10) : OptionalInt.empty());
    }

    @Test
    void endOfAnEjectionIsABeginning() {
        old.setEjection(new Ejection(Instant.EPOCH, Instant.EPOCH, 1, ""), START + 5);
        assertThat(old.upNanos(START + 6)).isEqualTo(6);

        old.setEjection(null, START + 7);

        assertThat(old.upNanos(START + 9)).isEqualTo(2);
    }

    @Test
    void comingUpIsABeginningAndStayingUpIsNone() {
        old.setHealth(HealthView.UNCHECKED, START + 5);
        assertThat(old.upNanos(START + 6)).isEqualTo(6);
        old.setHealth(HealthView.UNKNOWN, START + 7);

        old.setHealth(HealthView.UNCHECKED, START + 8);

        assertThat(old.upNanos(START + 9)).isEqualTo(1);
    }

    private static long at(int percent) {
        return FRESH_SINCE + WINDOW.toNanos() / 100 * percent;
    }

    private Pool pool(List<Pool.Member> members) {
        PoolSettings usual = PoolSettings.unchecked("");
        PoolSettings settings = new PoolSettings(
                "",
                List.of(),
                List.of(),
                usual.health(),
                usual.outliers(),
                usual.limits(),
                Optional.empty(),
                false,
                WINDOW,
                ProxyProtocol.OFF,
                usual.warmUp());
        BalancerSettings balancing = BalancerSettings.of(BalancerKind.ROUND_ROBIN);
        return new Pool(Colour.BLUE, settings, balancing, members, Optional.empty(), PoolNames.NONE, () -> now);
    }

    private static Backend backend(int port, long since) {
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", port), 1);
        backend.setHealth(HealthView.UNCHECKED, since);
        return backend;
    }
}
