package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What backends are asked to bear, counted by the backends themselves, with the real Application. */
final class BackendLimitsIT {

    private static final String HI = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    private final AtomicInteger firstNow = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final RecordingBackend first = RecordingBackend.start(request -> counted());
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @AfterEach
    void close() {
        first.close();
        second.close();
        green.close();
    }

    private Answer counted() {
        most.accumulateAndGet(firstNow.incrementAndGet(), Math::max);
        // It is at work for a while, or two would hardly ever meet here.
        LockSupport.parkNanos(200_000);
        firstNow.decrementAndGet();
        return Answer.ok("first");
    }

    @Test
    void noBackendEverHasMoreAndNobodyIsRefused() throws Exception {
        try (RunningProxy proxy = proxy().blue(first)
                .set("workers", 2)
                .set("backend-limits.in-flight", 3)
                .set("backend-limits.pending-timeout", "1m")
                .start()) {
            assertThat(load(proxy, 32, 50)).isEqualTo(32 * 50);
            assertThat(most.get()).isBetween(1, 3);
            assertThat(first.requestCount()).isEqualTo(32 * 50);
            assertThat(proxy.metrics().value("turnout_requests_pending{colour=\"blue\"}"))
                    .isZero();
        }
    }

    @Test
    void connectionsAreCountedOverAllEventLoopsAndIdleOnesGiveWay() throws Exception {
        try (RunningProxy proxy = proxy().blue(first)
                .set("workers", 2)
                .set("backend-limits.connections", 2)
                .set("backend-limits.pending-timeout", "1m")
                .start()) {
            assertThat(load(proxy, 16, 50)).isEqualTo(16 * 50);
            assertThat(first.openConnections()).isLessThanOrEqualTo(2);
            Await.until(
                    "the count is that of the backend",
                    () -> proxy.status()
                                    .at("/pools/blue/backends/0/connections")
                                    .asInt()
                            == first.openConnections());
        }
    }

    @Test
    void idleConnectionsBeyondALoweredLimitAreClosed() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        first.behave(request -> new Answer(List.of(new Answer.Hold(gate))).thenSend(HI));
        RunningProxy.Plan plan = proxy().blue(first).set("workers", 1);
        try (RunningProxy proxy = plan.start()) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                clients.add(proxy.client());
                ask(clients.get(i));
            }
            proxy.awaitBlueInFlight(6);
            gate.countDown();
            for (RawClient client : clients) {
                assertThat(client.readFinal("GET").text()).isEqualTo("hi");
                client.close();
            }
            assertThat(first.openConnections()).isEqualTo(6);

            plan.set("backend-limits.connections", 2);
            proxy.order("/admin/config/reload", "{}");

            Await.until("the surplus is closed", () -> first.openConnections() == 2);
        }
    }

    @Test
    void whatIsTooMuchWaitsAndThenIsRefused() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        first.behave(request -> new Answer(List.of(new Answer.Hold(gate))).thenSend(HI));
        try (RunningProxy proxy = proxy().blue(first)
                        .set("workers", 1)
                        .set("timeouts.shutdown", "1ms")
                        .set("backend-limits.in-flight", 1)
                        .set("backend-limits.pending", 1)
                        .set("backend-limits.pending-timeout", "1m")
                        .start();
                RawClient served = proxy.client();
                RawClient waits = proxy.client();
                RawClient tooMuch = proxy.client()) {
            ask(served);
            proxy.awaitBlueInFlight(1);
            ask(waits);
            awaitPending(proxy, 1);
            Response refused = tooMuch.get("/");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("backends-full");
            assertThat(proxy.status().at("/pools/blue/pending").asInt()).isEqualTo(1);
            assertThat(proxy.status().at("/pools/blue/limits").toString())
                    .isEqualTo("{\"connections\":0,\"inFlight\":1,\"pending\":1,\"pendingTimeoutMs\":60000}");
            gate.countDown();
            assertThat(served.readFinal("GET").text()).isEqualTo("hi");
            assertThat(waits.readFinal("GET").text()).isEqualTo("hi");
            awaitPending(proxy, 0);
            assertThat(proxy.status()
                            .at("/pools/blue/backends/0/failures/timeout")
                            .asInt())
                    .isZero();
        }
    }

    @Test
    void whoWaitsKeepsItsTurnWhateverIsPublishedMeanwhile() throws Exception {
        Semaphore goes = new Semaphore(0);
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        first.onRequest(request -> {
            served.add(request.target());
            goes.acquireUninterruptibly();
        });
        List<RawClient> clients = new ArrayList<>();
        try (RunningProxy proxy = proxy().blue(first)
                .set("workers", 2)
                .set("backend-limits.in-flight", 1)
                .set("backend-limits.pending-timeout", "1m")
                .start()) {
            for (int i = 0; i < 8; i++) {
                clients.add(proxy.client().send("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n"));
                if (i == 0) {
                    proxy.awaitBlueInFlight(1);
                } else {
                    awaitPending(proxy, i);
                }
            }
            for (int i = 0; i < 8; i++) {
                proxy.command("PUT", "/admin/pools/green", "{\"version\":\"" + i + "\",\"backends\":[]}");
                int left = 7 - i;
                awaitPending(proxy, left);
                goes.release();
                assertThat(clients.get(i).readFinal("GET").status()).isEqualTo(200);
            }
            assertThat(served).containsExactly("/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7");
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /** 24 clients that ask again at once: nobody's wait is much longer than what stood before it. */
    @Test
    void nobodyWaitsForEver() throws Exception {
        first.behave(request -> Answer.never());
        try (RunningProxy proxy = proxy().blue(first)
                        .set("timeouts.shutdown", "1ms")
                        .set("backend-limits.in-flight", 1)
                        .set("backend-limits.pending-timeout", "50ms")
                        .start();
                RawClient served = proxy.client();
                RawClient waits = proxy.client()) {
            ask(served);
            proxy.awaitBlueInFlight(1);
            Response refused = waits.get("/");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("pending-timeout");
            awaitPending(proxy, 0);
            assertThat(proxy.metrics().value("turnout_proxy_errors_total{colour=\"blue\",error=\"pending-timeout\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void whoLeavesGivesThePlaceBackAndASwitchServesThoseWhoWait() throws Exception {
        first.behave(request -> Answer.never());
        try (RunningProxy proxy = proxy().blue(first)
                        .green(green)
                        .set("timeouts.shutdown", "1ms")
                        .set("backend-limits.in-flight", 1)
                        .set("backend-limits.pending-timeout", "1m")
                        .start();
                RawClient served = proxy.client();
                RawClient waits = proxy.client()) {
            ask(served);
            proxy.awaitBlueInFlight(1);
            try (RawClient leaves = proxy.client()) {
                ask(leaves);
                awaitPending(proxy, 1);
            }
            awaitPending(proxy, 0);
            waits.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
            awaitPending(proxy, 1);
            proxy.switchTo(Colour.GREEN);
            waits.send("dy");
            assertThat(waits.readFinal("POST").text()).isEqualTo("green");
            assertThat(green.requests().get(0).text()).isEqualTo("body");
            awaitPending(proxy, 0);
        }
    }

    @Test
    void aSiblingWithRoomIsTakenBeforeAnybodyWaits() throws Exception {
        first.behave(request -> Answer.never());
        try (RunningProxy proxy = proxy().blue(first)
                        .set("balancer", "round-robin")
                        .set("timeouts.shutdown", "1ms")
                        .set("backend-limits.in-flight", 1)
                        .set("backend-limits.pending", 0)
                        .start();
                RawClient served = proxy.client();
                RawClient client = proxy.client()) {
            ask(served);
            proxy.awaitBlueInFlight(1);
            assertThat(proxy.post("/admin/pools/blue/backends", "{\"address\":\"" + second.address() + "\"}")
                            .statusCode())
                    .isEqualTo(200);
            Await.until(
                    "the second is up",
                    () -> proxy.status().at("/pools/blue/usable").asInt() == 2);
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/").text()).isEqualTo("second");
            }
            assertThat(first.requestCount()).isEqualTo(1);
        }
    }

    private static void ask(RawClient client) throws IOException {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private static void awaitPending(RunningProxy proxy, int count) {
        Await.until(count + " wait", () -> proxy.metrics().value("turnout_requests_pending{colour=\"blue\"}") == count);
    }

    private static int load(RunningProxy proxy, int clients, int requests) throws Exception {
        AtomicInteger good = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(() -> {
                try (RawClient client = proxy.client()) {
                    for (int n = 0; n < requests; n++) {
                        if (client.get("/").status() == 200) {
                            good.incrementAndGet();
                        }
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return good.get();
    }
}
