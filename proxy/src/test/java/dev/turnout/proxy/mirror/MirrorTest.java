package dev.turnout.proxy.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.MirrorOrder.Body;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Places for copies, and what is kept of what was found. */
final class MirrorTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final Mirror mirror = new Mirror(Clock.systemUTC());
    private final MirrorOrder order = order(7);

    private static MirrorOrder order(long revision) {
        return new MirrorOrder(
                revision, NOON, NOON.plusSeconds(60), 10_000, List.of(), Body.NONE, 100, 2, Duration.ofSeconds(5), "");
    }

    private static RoutingTable table(MirrorOrder order) {
        return new RoutingTable(
                order.revision(),
                Colour.BLUE,
                Optional.empty(),
                new Pool(Colour.BLUE, "", BalancerKind.LEAST_REQUESTS, List.of()),
                new Pool(Colour.GREEN, "", BalancerKind.LEAST_REQUESTS, List.of()),
                Orders.NONE.withMirror(Optional.of(order)));
    }

    @BeforeEach
    void begin() {
        mirror.follow(table(order));
    }

    @AfterEach
    void close() {
        mirror.close();
    }

    private MirrorReport report() {
        return mirror.report().orElseThrow();
    }

    @Test
    void thereAreNeverMoreCopiesThanAllowed() {
        assertThat(mirror.enter(order)).isTrue();
        assertThat(mirror.enter(order)).isTrue();
        assertThat(mirror.enter(order)).isFalse();
        assertThat(report().skipped()).isEqualTo(1);

        mirror.fail(order, "GET", "/a", "id", "no connection");
        assertThat(mirror.enter(order)).isTrue();
        assertThat(mirror.enter(order)).isFalse();
    }

    @Test
    void worstPathsComeFirstAndTheirNumberIsBounded() {
        for (int i = 0; i < 300; i++) {
            fail("/p" + "x".repeat(i));
        }
        fail("/p");
        fail("/users/17/orders/4f3c");
        fail("/users/18/orders/5");

        MirrorReport report = report();
        assertThat(report.failed()).isEqualTo(303);
        assertThat(report.paths()).hasSize(20);
        assertThat(report.paths().get(0).name()).isEqualTo("(others)");
        assertThat(report.paths().get(1).name()).isEqualTo("GET /p");
        assertThat(report.paths().get(1).failed()).isEqualTo(2);
        assertThat(report.paths().get(1).example().differences()).containsExactly("no whole answer: closed");
    }

    private void fail(String path) {
        assertThat(mirror.enter(order)).isTrue();
        mirror.fail(order, "GET", path, "id", "closed");
    }

    @Test
    void newOrderCountsAnewAndWhatIsLeftOfTheOldOneIsNotInIt() {
        assertThat(mirror.enter(order)).isTrue();

        mirror.follow(table(order(8)));
        mirror.fail(order, "GET", "/a", "id", "closed");

        assertThat(report().compared()).isZero();
        assertThat(report().order().revision()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({
        "/, GET /",
        "/users/42, GET /users/*",
        "/v1/items/4f3c-22/, GET /*/items/*/",
        "/a/b/c/d/e/f/g/h, GET /a/b/c/d/e/f",
    })
    void segmentsWithDigitsCountAsOne(String path, String route) {
        assertThat(Mirror.routeOf("GET", path)).isEqualTo(route);
    }
}
