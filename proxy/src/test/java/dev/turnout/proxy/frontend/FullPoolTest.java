package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Baseline;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.Evidence.Bad;
import dev.turnout.proxy.release.Plans;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.release.Told;
import dev.turnout.proxy.routing.Orders;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request whose pool has as much as it may, without sockets. */
final class FullPoolTest {

    private static final String GET = "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

    private static SettingsBuilder limited(int inFlight) {
        return Edge.settings("127.0.0.1:1").set("backend-limits.in-flight", inFlight);
    }

    /** All places are taken by some who were told already, on event loops that have not come to it. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void requestIsRefusedOnlyIfThereIsNoRoomBeyondThatOfThoseWhoWait(int room) {
        Edge edge = new Edge(limited(room).set("backend-limits.pending", 2));
        EmbeddedChannel idle = edge.worker.idleConnection(edge.backend(0));
        for (int i = 0; i < 2; i++) {
            assertThat(edge.pending().enter(told -> {}, 2)).isNotNull();
        }
        edge.pending().wakeAll();

        ClientChannel client = edge.client().send(GET);

        if (room > 2) {
            assertThat(Edge.taken(idle)).startsWith("GET /g ");
        } else {
            assertThat(client.taken()).startsWith("HTTP/1.1 503 ").contains("X-Turnout-Error: backends-full\r\n");
        }
        edge.close();
    }

    @Test
    void timeInTheQueueIsNoneOfThatForRetries() {
        Duration within = Duration.ofSeconds(1);
        Edge edge = new Edge(
                limited(1).set("retries.within", within.toMillis() + "ms").set("backend-limits.pending-timeout", "1h"));
        Lease only = Objects.requireNonNull(edge.backend(0).tryLease());
        ClientChannel client = edge.client().send(GET);
        assertThat(edge.pending().size()).isEqualTo(1);
        long end = System.nanoTime() + within.toNanos();
        while (System.nanoTime() - end <= 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }

        EmbeddedChannel stale = edge.worker.idleConnection(edge.backend(0));
        only.close(Outcome.SUCCESS);
        edge.worker.runTasks();
        assertThat(Edge.taken(stale)).startsWith("GET /g ");
        stale.close();
        edge.worker.runTasks();

        // It was tried once more, over a connection of its own, for which there is no socket here.
        assertThat(edge.retried).isNotEmpty();
        assertThat(client.taken()).startsWith("HTTP/1.1 502 ");
        assertThat(edge.inFlight()).isZero();
        edge.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void requestIsOneForTheJudgeThoughItsRetryFindsItsColourFull(boolean budget) {
        Edge edge = new Edge(limited(1)
                .green("127.0.0.1:2")
                .set("retries.retry-on", List.of(503))
                .set("retries.budget-percent", 0)
                .set("retries.budget-min", budget ? 1 : 0));
        edge.order(Orders.NONE.withRelease(Optional.of(canaryOfAll())));
        EmbeddedChannel old = edge.worker.idleConnection(edge.backend(Colour.BLUE, 0));
        EmbeddedChannel candidate = edge.worker.idleConnection(edge.backend(Colour.GREEN, 0));
        ClientChannel client = edge.client().send(GET);
        assertThat(Edge.taken(candidate)).startsWith("GET /g ");

        Edge.answer(candidate, BUSY);
        if (budget) {
            Edge.answer(old, OK);
        }

        assertThat(client.taken()).endsWith(budget ? "ok" : "busy");
        List<Bad> bad = new ArrayList<>();
        for (Bad each = edge.evidence.poll(); each != null; each = edge.evidence.poll()) {
            bad.add(each);
        }
        assertThat(bad).hasSize(1);
        assertThat(Told.requests(edge.evidence, Colour.GREEN)).isEqualTo(1);
        assertThat(edge.routed).containsExactly(budget ? "candidate-unavailable" : "candidate-by-share");
        assertThat(edge.inFlight()).isZero();
        edge.close();
    }

    private static Release canaryOfAll() {
        CanaryPlan usual = Plans.of(
                new Aftercare(Duration.ZERO, 0, Duration.ZERO), new Step(Bucket.COUNT, Duration.ofHours(1), 0, false));
        CanaryPlan plan = new CanaryPlan(
                usual.steps(),
                usual.always(),
                usual.never(),
                usual.sticky(),
                usual.judge(),
                false,
                usual.maxDuration(),
                false,
                usual.aftercare());
        return Release.canary("r", Colour.GREEN, plan, Baseline.UNKNOWN, Instant.EPOCH);
    }
}
