package dev.turnout.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.OutlierSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The rules of Envoy's outlier detection, on a clock that the test moves. */
class OutlierDetectorTest {

    private static final OutlierSettings SETTINGS = new OutlierSettings(
            5, 3, true, 5, 100, 190, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(100), 40, 0);

    private long now = Long.MAX_VALUE - 1000;
    private final List<Backend> backends = new ArrayList<>();
    private final OutlierDetector detector = new OutlierDetector(() -> now, () -> Instant.EPOCH.plusNanos(now));
    private OutlierSettings settings = SETTINGS;
    private final Map<Backend, Duty> duties = new HashMap<>();
    private final Map<Backend, Integer> weights = new HashMap<>();

    @Test
    void localFailuresInARowEject() {
        pool(3);
        for (int i = 0; i < 4; i++) {
            end(0, Outcome.CONNECT_FAILURE);
        }
        end(0, Outcome.SUCCESS);
        for (int i = 0; i < 4; i++) {
            end(0, i % 2 == 0 ? Outcome.BROKEN : Outcome.TIMEOUT);
        }
        assertThat(ejected()).isEmpty();

        end(0, Outcome.NEUTRAL);
        end(0, Outcome.TIMEOUT);

        assertThat(ejected()).containsExactly(0);
        assertThat(ejection(0).reason()).isEqualTo("5 failures in a row, the last: timeout");
        assertThat(Duration.between(ejection(0).since(), ejection(0).until())).isEqualTo(Duration.ofSeconds(30));
        assertThat(table().pool(Colour.BLUE).usable()).isEqualTo(2);
    }

    @Test
    void whatTheBackendSaysIsCountedApart() {
        pool(3);
        for (int i = 0; i < 4; i++) {
            end(0, Outcome.CONNECT_FAILURE);
            end(1, Outcome.CONNECT_FAILURE);
        }
        // An answer of 5xx is an answer: it ends the row of what Turnout saw, and is one of its own row.
        end(0, Outcome.SERVER_ERROR);
        end(0, Outcome.CONNECT_FAILURE);
        end(0, Outcome.SERVER_ERROR);
        assertThat(ejected()).isEmpty();
        end(0, Outcome.SERVER_ERROR);

        assertThat(ejected()).containsExactly(0);
        assertThat(ejection(0).reason()).isEqualTo("3 in a row: server-error");
        assertThat(backends.get(0).failures(FailureKind.CONNECT)).isEqualTo(5);
        assertThat(backends.get(0).failures(FailureKind.SERVER_ERROR)).isEqualTo(3);
        assertThat(backends.get(0).failures(FailureKind.TIMEOUT)).isZero();
    }

    @Test
    void theTimeGrowsUpToABoundAndIsForgiven() {
        pool(3);
        for (int seconds : List.of(30, 60, 90, 100, 100)) {
            fail(0);
            assertThat(Duration.between(ejection(0).since(), ejection(0).until()))
                    .hasSeconds(seconds);
            pass(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(ejected()).containsExactly(0);
            pass(Duration.ofMillis(1));
            assertThat(ejected()).isEmpty();
        }
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(10));
        }
        fail(0);
        assertThat(ejection(0).times()).isEqualTo(1);
    }

    @Test
    void noMoreThanTheShareButAlwaysOne() {
        pool(5);
        for (int i = 0; i < 5; i++) {
            fail(i);
        }
        assertThat(ejected()).containsExactly(0, 1);

        backends.clear();
        pool(2);
        fail(0);
        fail(1);
        assertThat(ejected()).containsExactly(0);

        settings = new OutlierSettings(
                5, 3, true, 5, 100, 190, settings.interval(), settings.ejectionTime(), Duration.ofHours(1), 0, 0);
        backends.clear();
        pool(2);
        fail(0);
        assertThat(ejected()).isEmpty();
    }

    @Test
    void thoseThatDoNotServeAreNoPartOfTheWhole() {
        settings = new OutlierSettings(
                5, 3, true, 5, 100, 190, settings.interval(), settings.ejectionTime(), Duration.ofHours(1), 50, 0);
        pool(10);
        for (int i = 4; i < 8; i++) {
            duties.put(backends.get(i), Duty.DRAINED);
        }
        duties.put(backends.get(8), Duty.LEAVING);
        weights.put(backends.get(9), 0);

        for (int i = 0; i < 10; i++) {
            fail(i);
        }

        assertThat(ejected()).containsExactly(0, 1);
    }

    @Test
    void ejectionThatDoesNotHappenIsCountedAndToldOfOnce() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(OutlierDetector.class);
        log.start();
        logger.addAppender(log);
        pool(2);
        pass(Duration.ZERO);

        fail(0);
        fail(1);
        fail(1);
        pass(Duration.ofSeconds(10));
        fail(1);
        assertThat(ejected()).containsExactly(0);
        assertThat(backends.get(1).ejectionOverflows()).isEqualTo(3);
        assertThat(backends.get(0).ejectionOverflows()).isZero();
        assertThat(spared(log)).hasSize(1);

        pass(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(9));
        fail(1);
        assertThat(spared(log)).hasSize(1);
        pass(Duration.ofSeconds(1));
        logger.detachAppender(log);
    }

    private static List<String> spared(ListAppender<ILoggingEvent> log) {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(text -> text.contains("would be ejected"))
                .toList();
    }

    @Test
    void ejectionsForALowSuccessRateGrow() {
        pool(6);
        pass(Duration.ZERO);
        for (int seconds : List.of(30, 60, 90)) {
            for (int i = 0; i < 6; i++) {
                answers(i, 200, i == 5 ? 100 : 0);
            }
            pass(Duration.ofSeconds(10));
            assertThat(ejected()).containsExactly(5);
            assertThat(Duration.between(ejection(5).since(), ejection(5).until()))
                    .hasSeconds(seconds);
            for (int i = 0; i < seconds / 10; i++) {
                pass(Duration.ofSeconds(10));
            }
            assertThat(ejected()).isEmpty();
        }
    }

    @Test
    void theLastOneStaysInUse() {
        pool(1);
        fail(0);
        assertThat(ejected()).containsExactly(0);
        assertThat(table().pool(Colour.BLUE).usable()).isEqualTo(1);

        backends.clear();
        pool(2);
        backends.get(1).setHealth(HealthView.UNKNOWN, System.nanoTime());
        fail(0);
        assertThat(ejected()).containsExactly(0);
        assertThat(table().pool(Colour.BLUE).usable()).isEqualTo(1);
    }

    @Test
    void aBackendThatIsDownOrGoneIsNotEjected() {
        pool(3);
        backends.get(0).setHealth(HealthView.UNKNOWN, System.nanoTime());
        fail(0);
        Backend gone = backends.remove(1);
        assertThat(detector.failed(table(), gone, FailureKind.CONNECT, 5)).isFalse();
        assertThat(ejected()).isEmpty();
    }

    @Test
    void aLowSuccessRateEjects() {
        pool(6);
        pass(Duration.ZERO);
        for (int i = 0; i < 6; i++) {
            answers(i, 200, i == 5 ? 35 : i == 4 ? 22 : 0);
        }
        assertThat(ejected()).isEmpty();
        pass(Duration.ofSeconds(10));

        // The mean is 95.9 %, the standard deviation 6.0 %: the limit is 84.4 %, and 85.1 % are not below it.
        assertThat(ejected()).isEmpty();

        for (int i = 0; i < 6; i++) {
            answers(i, 200, i == 5 ? 100 : 0);
        }
        pass(Duration.ofSeconds(10));
        assertThat(ejected()).containsExactly(5);
        assertThat(ejection(5).reason()).isEqualTo("success rate 66.7 % of 300 requests, the pool's is 94.4 %");
    }

    @Test
    void fewRequestsOrFewBackendsSayNothingOfTheRate() {
        pool(6);
        pass(Duration.ZERO);
        for (int i = 0; i < 6; i++) {
            answers(i, i < 2 ? 98 : 200, i == 5 ? 200 : 0);
        }
        pass(Duration.ofSeconds(10));
        assertThat(ejected()).isEmpty();
    }

    @Test
    void belowThePanicThresholdAllAreUsedAndNoneCountsAsUsable() {
        settings = new OutlierSettings(
                5, 3, true, 5, 100, 190, settings.interval(), settings.ejectionTime(), Duration.ofHours(1), 50, 50);
        pool(4);
        backends.get(0).setHealth(HealthView.UNKNOWN, System.nanoTime());
        backends.get(1).setHealth(HealthView.UNKNOWN, System.nanoTime());
        assertThat(table().pool(Colour.BLUE).isInPanic()).isFalse();
        backends.get(2).setHealth(HealthView.UNKNOWN, System.nanoTime());
        assertThat(table().pool(Colour.BLUE).isInPanic()).isTrue();
        assertThat(table().pool(Colour.BLUE).usable()).isEqualTo(1);
        backends.get(3).setHealth(HealthView.UNKNOWN, System.nanoTime());
        assertThat(table().pool(Colour.BLUE).usable()).isZero();
        assertThat(table().pool(Colour.BLUE).balancer().pick(new dev.turnout.proxy.request.AnyRequest(), null))
                .isNotNull();
    }

    private void pool(int size) {
        for (int i = 0; i < size; i++) {
            Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 9101 + i), 1);
            backend.setHealth(HealthView.UNCHECKED, System.nanoTime());
            backend.setFailureListener((failed, kind, row) -> {
                if (OutlierDetector.isTooMany(settings, kind, row)) {
                    detector.failed(table(), failed, kind, row);
                }
            });
            backends.add(backend);
        }
        new Switchboard(table());
    }

    private RoutingTable table() {
        HealthSettings unchecked = PoolSettings.unchecked("").health();
        List<Pool.Member> members = backends.stream()
                .map(each ->
                        new Pool.Member(each, weights.getOrDefault(each, 1), duties.getOrDefault(each, Duty.SERVING)))
                .toList();
        BalancerSettings balancing = BalancerSettings.of(BalancerKind.ROUND_ROBIN);
        Pool blue = new Pool(Colour.BLUE, PoolSettings.unchecked("").judgedBy(unchecked, settings), balancing, members);
        Pool green = new Pool(Colour.GREEN, "", balancing, List.of());
        return new RoutingTable(1, Colour.BLUE, Optional.empty(), blue, green, Orders.NONE);
    }

    private void fail(int backend) {
        for (int i = 0; i < 5; i++) {
            end(backend, Outcome.CONNECT_FAILURE);
        }
    }

    private void end(int backend, Outcome outcome) {
        Lease lease = Objects.requireNonNull(backends.get(backend).tryLease());
        lease.close(outcome);
    }

    private void answers(int backend, int good, int bad) {
        for (int i = 0; i < good; i++) {
            backends.get(backend).countResponse(0, 2);
        }
        for (int i = 0; i < bad; i++) {
            backends.get(backend).countResponse(0, 5);
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
        detector.look(table());
    }

    private List<Integer> ejected() {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < backends.size(); i++) {
            if (backends.get(i).isEjected()) {
                found.add(i);
            }
        }
        return found;
    }

    private Ejection ejection(int backend) {
        return Objects.requireNonNull(backends.get(backend).ejection());
    }
}
