package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of requests go to the idle colour, their answers are compared, and users notice nothing. */
final class MirrorIT {

    private static final String JSON = "Content-Type: application/json";

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.of(200, "{\"id\":1}", JSON));
    private final RecordingBackend green = RecordingBackend.start(request -> switch (request.target()) {
        case "/shape/1", "/shape/2" -> Answer.of(200, "{\"id\":\"one\"}", JSON);
        case "/status" -> Answer.of(500, "{}", JSON);
        case "/reset" -> Answer.reset();
        case "/never" -> new Answer(List.of()).thenHold(gate);
        default -> Answer.of(200, "{\"id\":2}", JSON);
    });

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        gate.countDown();
        blue.close();
        green.close();
    }

    private RunningProxy start() {
        return proxy().blue(blue)
                .green(green)
                .stateIn(folder.resolve("state.json"))
                .set("switch-guard", "0s")
                .start();
    }

    private static JsonNode report(RunningProxy proxy) {
        return json(proxy.get("/admin/mirror")).path("report");
    }

    private static void awaitCompared(RunningProxy proxy, int count) {
        Await.until("the comparison", () -> report(proxy).path("compared").asInt() == count);
    }

    @Test
    void answersAreComparedAndTheWorstPathsTold() throws Exception {
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {
            client.send(client.request("GET", "/before", "X-Turnout-Mirror: 1") + "\r\n");
            assertThat(client.readFinal("GET").status()).isEqualTo(200);
            proxy.order("/admin/mirror", "{\"share\":100,\"compareBody\":\"json-shape\",\"timeout\":\"1s\"}");
            assertThat(proxy.status().at("/mirror/share").asDouble()).isEqualTo(100);

            for (String path : List.of("/same", "/shape/1", "/shape/2", "/status", "/reset", "/never")) {
                assertThat(client.get(path).text()).isEqualTo("{\"id\":1}");
            }
            assertThat(client.post("/same", "{}").status()).isEqualTo(200);
            awaitCompared(proxy, 6);

            JsonNode report = report(proxy);
            assertThat(report.path("idle").asText()).isEqualTo("green");
            assertThat(report.path("same").asInt()).isEqualTo(1);
            assertThat(report.path("different").asInt()).isEqualTo(3);
            assertThat(report.path("failed").asInt()).isEqualTo(2);
            assertThat(report.at("/differences/status").asInt()).isEqualTo(1);
            assertThat(report.at("/differences/body").asInt()).isEqualTo(2);
            assertThat(report.at("/paths/0/path").asText()).isEqualTo("GET /shape/*");
            assertThat(report.at("/paths/0/different").asInt()).isEqualTo(2);
            assertThat(report.at("/paths/0/example/differences/0").asText()).isEqualTo("json $.id: number / string");
            assertThat(report.at("/paths/0/example/requestId").asText()).isNotEmpty();
            assertThat(report.at("/latency/idle/p99Ms").asDouble()).isPositive();

            // What is reset on a kept connection is tried once more.
            assertThat(green.requests()).hasSizeBetween(6, 7).allSatisfy(copy -> {
                assertThat(copy.field("X-Turnout-Mirror")).isEqualTo("1");
                assertThat(copy.method()).isEqualTo("GET");
            });
            assertThat(blue.requests()).hasSize(8).allSatisfy(request -> assertThat(request.field("X-Turnout-Mirror"))
                    .isEmpty());
            Map.of("same", 1.0, "different", 3.0, "failed", 2.0, "skipped", 0.0).forEach((result, count) -> assertThat(
                            proxy.metrics().value("turnout_mirror_requests_total{result=\"" + result + "\"}"))
                    .as(result)
                    .isEqualTo(count));
            // Nothing of it is among the requests of users.
            assertThat(proxy.metrics()
                            .value("turnout_requests_total{code_class=\"2xx\",colour=\"green\",source=\"backend\"}"))
                    .isZero();
        }
    }

    @Test
    void copiesNeverHoldUsersUpAndTheirNumberIsBounded() throws Exception {
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/mirror", "{\"share\":100,\"maxInFlight\":2,\"timeout\":\"60s\"}");

            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/never").status()).isEqualTo(200);
            }

            assertThat(report(proxy).path("skipped").asInt()).isEqualTo(18);
            assertThat(report(proxy).path("compared").asInt()).isZero();
            // A switch waits for nobody, and ends it.
            proxy.switchTo(Colour.GREEN);
            assertThat(proxy.status().path("mirror").isNull()).isTrue();
        }
    }

    @Test
    void shareOfNoneOfTheIdleColourIsRefusedAndSoIsADrainedOne() throws Exception {
        try (RunningProxy proxy = start()) {
            assertThat(proxy.post("/admin/mirror", "{}").body()).contains("share");
            assertThat(proxy.post("/admin/mirror", "{\"share\":1,\"bodyLimit\":1048576,\"maxInFlight\":100}")
                            .statusCode())
                    .isEqualTo(400);
            proxy.switchTo(Colour.GREEN);

            assertThat(proxy.post("/admin/mirror", "{\"share\":1}").body()).contains("pool-is-drained");
            proxy.order("/admin/pools/blue/undrain", "");
            proxy.order("/admin/mirror", "{\"share\":1}");
            proxy.order("/admin/pools/blue/drain", "");
            assertThat(proxy.status().path("mirror").isNull()).isTrue();
        }
    }

    @Test
    void endsByItselfAndLivesThroughARestart() throws Exception {
        try (RunningProxy proxy = start()) {
            proxy.order("/admin/mirror", "{\"share\":12.5,\"for\":\"1h\",\"compareHeaders\":[\"ETag\"]}");
        }
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {
            assertThat(proxy.status().at("/mirror/share").asDouble()).isEqualTo(12.5);
            assertThat(proxy.status().at("/mirror/compareHeaders/0").asText()).isEqualTo("etag");

            proxy.order("/admin/mirror", "{\"share\":100,\"for\":\"500ms\"}");
            Await.until("its end", () -> proxy.status().path("mirror").isNull());
            Await.until("the history", () -> json(proxy.get("/admin/history"))
                    .findValuesAsText("action")
                    .contains("mirror-expired"));
            assertThat(client.get("/after").status()).isEqualTo(200);
            assertThat(green.requestCount()).isZero();
            assertThat(proxy.command("DELETE", "/admin/mirror", "").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void switchDependsOnWhatWasFound() throws Exception {
        String gated = "{\"to\":\"green\",\"gate\":{\"mirror\":{\"maxDifferent\":0.4,\"minRequests\":4}}}";
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {
            assertThat(proxy.post("/admin/switch", gated).body()).contains("mirror-gate-failed", "no mirror");
            proxy.order("/admin/mirror", "{\"share\":100,\"compareBody\":\"json-shape\"}");
            client.get("/status");
            client.get("/shape/1");
            client.get("/same");
            awaitCompared(proxy, 3);
            assertThat(proxy.post("/admin/switch", gated).body()).contains("compared 3 requests, 4 are needed");
            client.get("/same");
            awaitCompared(proxy, 4);
            assertThat(proxy.post("/admin/switch", gated).body()).contains("of 4 requests 2 were answered differently");
            assertThat(proxy.status().path("active").asText()).isEqualTo("blue");
            client.get("/same");
            awaitCompared(proxy, 5);

            assertThat(proxy.order("/admin/switch", gated).path("to").asText()).isEqualTo("green");
            // Repeated, it changes nothing and is not refused.
            assertThat(proxy.order("/admin/switch", gated).path("changed").asBoolean())
                    .isFalse();
        }
    }
}
