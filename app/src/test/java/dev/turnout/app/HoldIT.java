package dev.turnout.app;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New requests wait by order while those in flight end, and nothing of them is lost. */
final class HoldIT {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue =
            RecordingBackend.start(request -> request.target().equals("/slow")
                    ? new Answer(List.of()).thenHold(gate).thenSend("HTTP/1.1 204 No Content\r\n\r\n")
                    : Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final WireMockServer hook = new WireMockServer(options().dynamicPort());

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        gate.countDown();
        threads.shutdownNow();
        hook.stop();
        blue.close();
        green.close();
    }

    private RunningProxy.Plan plan() {
        return proxy().blue(blue).green(green);
    }

    private static long waiting(RunningProxy proxy) {
        return proxy.status().at("/hold/waiting").asLong();
    }

    @Test
    void requestsUnderLoadWaitAndGoOnAndNoneIsSentMeanwhile() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            AtomicBoolean over = new AtomicBoolean();
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(threads.submit(() -> {
                    int answered = 0;
                    try (RawClient client = proxy.client()) {
                        while (!over.get()) {
                            Response answer = answered % 3 == 0 ? client.post("/", "body") : client.get("/");
                            assertThat(answer.status()).isEqualTo(200);
                            answered++;
                        }
                    }
                    return answered;
                }));
            }
            for (int round = 0; round < 5; round++) {
                long before = blue.requestCount();
                Await.until("some traffic", () -> blue.requestCount() > before + 100);
                proxy.order("/admin/hold", "{\"for\":\"60s\",\"reason\":\"schema\"}");
                assertThat(proxy.status().path("mode").asText()).isEqualTo("holding");
                Await.until("all to wait", () -> waiting(proxy) == 20);
                long reached = blue.requestCount();
                assertThat(proxy.metrics().value("turnout_requests_held")).isEqualTo(20);
                assertThat(blue.requestCount()).isEqualTo(reached);

                proxy.order("/admin/release", "{}");
            }
            over.set(true);
            for (Future<Integer> client : clients) {
                assertThat(client.get()).isPositive();
            }
            // Who had not been let go yet when the next hold began waited on, and is counted once.
            assertThat(proxy.metrics().value("turnout_held_requests_total{result=\"released\"}"))
                    .isBetween(20.0, 100.0);
            assertThat(proxy.metrics().value("turnout_requests_held")).isZero();
        }
    }

    @Test
    void holdEndsByItself() throws IOException {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/hold", "{\"for\":\"300ms\"}");

            assertThat(client.get("/").text()).isEqualTo("blue");

            Await.until("its end in the history", () -> json(proxy.get("/admin/history"))
                    .at("/0/action")
                    .asText()
                    .equals("hold-expired"));
            assertThat(proxy.status().path("hold").isNull()).isTrue();
        }
    }

    @Test
    void holdThatHasPassedIsNotRestoredAndOneThatHasNotIs() throws Exception {
        Path state = folder.resolve("state.json");
        try (RunningProxy proxy = plan().stateIn(state).start()) {
            proxy.order("/admin/hold", "{\"for\":\"5m\"}");
        }
        try (RunningProxy proxy = plan().stateIn(state).start();
                RawClient client = proxy.client()) {
            client.send(client.request("GET", "/") + "\r\n");
            Await.until("the wait", () -> waiting(proxy) == 1);
            proxy.order("/admin/release", "{}");
            assertThat(client.readFinal("GET").text()).isEqualTo("blue");
            proxy.order("/admin/hold", "{\"for\":\"1ms\"}");
        }
        try (RunningProxy proxy = plan().stateIn(state).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");
            assertThat(proxy.status().path("hold").isNull()).isTrue();
        }
    }

    @Test
    void queueIsBoundedAndWhoLeavesLeavesTheQueue() throws IOException {
        try (RunningProxy proxy = plan().set("workers", 1).start();
                RawClient first = proxy.client();
                RawClient third = proxy.client()) {
            proxy.order("/admin/hold", "{\"for\":\"60s\",\"maxQueued\":2}");
            first.send(first.request("GET", "/first") + "\r\n");
            Await.until("the first", () -> waiting(proxy) == 1);
            try (RawClient second = proxy.client()) {
                second.send(second.request("GET", "/second") + "\r\n");
                Await.until("the second", () -> waiting(proxy) == 2);
                Response refused = third.get("/third");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.field("X-Turnout-Error")).isEqualTo("hold-full");
                assertThat(refused.field("Retry-After")).isNotEmpty();
            }
            Await.until("the second to be gone", () -> waiting(proxy) == 1);

            proxy.order("/admin/release", "{}");

            assertThat(first.readFinal("GET").text()).isEqualTo("blue");
            assertThat(blue.requests().stream().map(request -> request.target()))
                    .containsExactly("/first");
            assertThat(proxy.metrics().value("turnout_held_requests_total{result=\"left\"}"))
                    .isEqualTo(1);
            assertThat(proxy.metrics().value("turnout_held_requests_total{result=\"refused\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void heldSwitchWaitsForTheOldColourAsksAndMovesAllThatWait() throws Exception {
        hook.start();
        hook.stubFor(post("/migrate").willReturn(aResponse().withStatus(204)));
        try (RunningProxy proxy = plan().start();
                RawClient slow = proxy.client();
                RawClient held = proxy.client()) {
            slow.send(slow.request("GET", "/slow") + "\r\n");
            proxy.awaitBlueInFlight(1);
            Future<HttpResponse<String>> switching = threads.submit(() -> proxy.post(
                    "/admin/switch",
                    "{\"to\":\"green\",\"reason\":\"2.4.1\",\"hold\":{\"timeout\":\"60s\",\"webhook\":\""
                            + hook.baseUrl() + "/migrate\"}}"));
            Await.until("the hold", () -> !proxy.status().path("hold").isNull());
            held.send(held.request("POST", "/held", "Content-Length: 4") + "\r\nbody");
            Await.until("the wait", () -> waiting(proxy) == 1);
            assertThat(hook.getAllServeEvents()).isEmpty();

            gate.countDown();

            assertThat(slow.readFinal("GET").status()).isEqualTo(204);
            assertThat(held.readFinal("POST").text()).isEqualTo("green");
            assertThat(switching.get().statusCode()).isEqualTo(200);
            assertThat(json(switching.get()).path("to").asText()).isEqualTo("green");
            assertThat(hook.getAllServeEvents()).hasSize(1);
            assertThat(hook.getAllServeEvents().get(0).getRequest().getBodyAsString())
                    .contains("\"from\":\"blue\"", "\"to\":\"green\"", "\"reason\":\"2.4.1\"");
            assertThat(green.requests().get(0).text()).isEqualTo("body");
        }
    }

    @Test
    void rollbackLetsGoWhoWaitsForASwitchAndCallsItOff() throws Exception {
        hook.start();
        hook.stubFor(post("/migrate").willReturn(aResponse().withStatus(204)));
        try (RunningProxy proxy = plan().start();
                RawClient slow = proxy.client();
                RawClient held = proxy.client()) {
            // Green had the traffic before, which is where a plain rollback goes.
            proxy.order("/admin/switch", "{\"to\":\"green\"}");
            proxy.order("/admin/switch", "{\"to\":\"blue\"}");
            slow.send(slow.request("GET", "/slow") + "\r\n");
            proxy.awaitBlueInFlight(1);
            Future<HttpResponse<String>> switching = threads.submit(() -> proxy.post(
                    "/admin/switch",
                    "{\"to\":\"green\",\"hold\":{\"timeout\":\"60s\",\"webhook\":\"" + hook.baseUrl()
                            + "/migrate\"}}"));
            Await.until("the hold", () -> !proxy.status().path("hold").isNull());
            held.send(held.request("GET", "/held") + "\r\n");
            Await.until("the wait", () -> waiting(proxy) == 1);
            assertThat(proxy.status().at("/rollback/to").asText()).isEqualTo("blue");
            assertThat(proxy.status().at("/hold/switchTo").asText()).isEqualTo("green");
            HttpResponse<String> other = proxy.post("/admin/switch", "{\"to\":\"green\"}");
            assertThat(other.statusCode()).isEqualTo(409);
            assertThat(other.body()).contains("release-in-progress");

            HttpResponse<String> back = proxy.post("/admin/rollback", "{}");

            assertThat(back.statusCode()).as(back.body()).isEqualTo(200);
            assertThat(held.readFinal("GET").text()).isEqualTo("blue");
            assertThat(switching.get().statusCode()).isEqualTo(409);
            assertThat(switching.get().body()).contains("held-switch-failed", "the hold has ended meanwhile");
            assertThat(proxy.status().path("active").asText()).isEqualTo("blue");
            assertThat(proxy.status().path("hold").isNull()).isTrue();
            assertThat(hook.getAllServeEvents()).isEmpty();
            gate.countDown();
            assertThat(slow.readFinal("GET").status()).isEqualTo(204);
        }
    }

    @Test
    void heldSwitchThatFailsUndoesItself() throws IOException {
        hook.start();
        hook.stubFor(post("/migrate").willReturn(aResponse().withStatus(500)));
        hook.stubFor(post("/hang").willReturn(aResponse().withFixedDelay(4_000)));
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            for (String path : List.of("/migrate", "/hang")) {
                HttpResponse<String> failed = proxy.post(
                        "/admin/switch",
                        "{\"hold\":{\"timeout\":\"1s\",\"webhook\":\"" + hook.baseUrl() + path + "\"}}");
                assertThat(failed.statusCode()).as(failed.body()).isEqualTo(409);
                assertThat(failed.body()).contains("held-switch-failed", "the webhook");
                assertThat(proxy.status().path("hold").isNull()).isTrue();
                assertThat(client.get("/").text()).isEqualTo("blue");
            }
            client.send(client.request("GET", "/slow") + "\r\n");
            proxy.awaitBlueInFlight(1);
            HttpResponse<String> busy = proxy.post("/admin/switch", "{\"hold\":{\"timeout\":\"200ms\"}}");
            assertThat(busy.body()).contains("still in flight on blue");
            assertThat(proxy.status().path("active").asText()).isEqualTo("blue");
            assertThat(proxy.status().path("hold").isNull()).isTrue();
            gate.countDown();
            assertThat(client.readFinal("GET").status()).isEqualTo(204);
        }
    }
}
