package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of requests in flight when their pool gets no new ones. */
final class DrainIT {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue = RecordingBackend.start(this::blueAnswer);
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    private Answer blueAnswer(RecordedRequest request) {
        return switch (request.target()) {
            case "/long" ->
                Answer.head(200, "Content-Length: 4")
                        .thenSend("ha")
                        .thenHold(gate)
                        .thenSend("lf");
            case "/tunnel" ->
                Answer.raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
                        .thenHold(gate)
                        .thenClose();
            case "/never" -> Answer.never();
            default -> Answer.ok("blue");
        };
    }

    @AfterEach
    void closeBackends() {
        blue.close();
        green.close();
    }

    @Test
    void longExchangeIsFinishedWhileNewRequestsGoToTheOtherColour() throws IOException {
        try (RunningProxy proxy = start();
                RawClient keptAlive = proxy.client();
                RawClient patient = proxy.client()) {
            assertThat(keptAlive.get("/").text()).isEqualTo("blue");
            begin(proxy, patient, "/long", 1);

            proxy.switchTo(Colour.GREEN);

            JsonNode status = proxy.status();
            assertThat(status.at("/mode").asText()).isEqualTo("draining");
            assertThat(status.at("/pools/blue/role").asText()).isEqualTo("idle");
            assertThat(status.at("/pools/blue/draining").asBoolean()).isTrue();
            assertThat(status.at("/pools/blue/inFlight").asInt()).isEqualTo(1);
            assertThat(status.at("/pools/blue/exchanges").asInt()).isEqualTo(1);
            assertThat(status.at("/pools/blue/tunnels").asInt()).isZero();
            assertThat(proxy.metrics().value("turnout_draining{colour=\"blue\"}"))
                    .isEqualTo(1);
            assertThat(keptAlive.get("/").text()).isEqualTo("green");

            gate.countDown();

            assertThat(patient.readFinal("GET").text()).isEqualTo("half");
            awaitDrained(proxy, "blue");
            assertThat(proxy.status().at("/mode").asText()).isEqualTo("steady");
            assertThat(patient.get("/").text()).isEqualTo("green");
            assertThat(blue.requestCount()).isEqualTo(2);
        }
    }

    @Test
    void tunnelsAreCountedApartAndKeepAPoolDraining() throws IOException {
        try (RunningProxy proxy = start();
                RawClient tunnel = proxy.client();
                RawClient patient = proxy.client()) {
            tunnel.send(tunnel.request("GET", "/tunnel", "Connection: Upgrade", "Upgrade: echo") + "\r\n");
            assertThat(tunnel.read().status()).isEqualTo(101);
            begin(proxy, patient, "/long", 2);

            proxy.switchTo(Colour.GREEN);

            JsonNode pool = proxy.status().at("/pools/blue");
            assertThat(pool.at("/inFlight").asInt()).isEqualTo(2);
            assertThat(pool.at("/exchanges").asInt()).isEqualTo(1);
            assertThat(pool.at("/tunnels").asInt()).isEqualTo(1);
            assertThat(pool.at("/drain/state").asText()).isEqualTo("draining");

            gate.countDown();

            assertThat(tunnel.closedByPeer()).isTrue();
            tunnel.halfClose();
            awaitDrained(proxy, "blue");
        }
    }

    @Test
    void switchThatWaitsForTheDrainAnswersWhenTheLastExchangeEnds() throws IOException {
        try (RunningProxy proxy = start();
                RawClient patient = proxy.client()) {
            begin(proxy, patient, "/long", 1);

            CompletableFuture<HttpResponse<String>> reply = CompletableFuture.supplyAsync(
                    () -> proxy.post("/admin/switch", "{\"to\":\"green\",\"wait\":\"drained\"}"));
            Await.until(
                    "green is active",
                    () -> proxy.status().at("/active").asText().equals("green"));
            assertThat(reply).isNotDone();
            gate.countDown();

            assertThat(reply.join().statusCode()).isEqualTo(200);
            assertThat(json(reply.join()).at("/drained").asBoolean()).isTrue();
            assertThat(json(reply.join()).at("/inFlight").asInt(-1)).isZero();
        }
    }

    @Test
    void waitThatIsOverBeforeTheDrainSaysHowMuchIsLeft() throws IOException {
        try (RunningProxy proxy = start();
                RawClient patient = proxy.client()) {
            begin(proxy, patient, "/long", 1);

            HttpResponse<String> reply =
                    proxy.post("/admin/switch", "{\"to\":\"green\",\"wait\":\"drained\",\"timeout\":\"50ms\"}");

            assertThat(reply.statusCode()).isEqualTo(202);
            assertThat(json(reply).at("/changed").asBoolean()).isTrue();
            assertThat(json(reply).at("/drained").asBoolean(true)).isFalse();
            assertThat(json(reply).at("/inFlight").asInt()).isEqualTo(1);
            gate.countDown();
            assertThat(patient.readFinal("GET").text()).isEqualTo("half");
        }
    }

    @Test
    void deadlineThatClosesCutsSoThatTheClientCanTell() throws IOException {
        try (RunningProxy proxy = start();
                RawClient half = proxy.client();
                RawClient unanswered = proxy.client()) {
            begin(proxy, half, "/long", 1);
            begin(proxy, unanswered, "/never", 2);
            // In flight it is from its lease on; with its connection still being opened it would go to green.
            Await.until("both are at blue", () -> blue.requestCount() == 2);
            proxy.switchTo(Colour.GREEN);

            drain(proxy, "blue", "{\"deadline\":\"50ms\",\"onDeadline\":\"close\"}");

            assertThatThrownBy(() -> half.readFinal("GET")).isInstanceOf(EOFException.class);
            Response refused = unanswered.readFinal("GET");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("drain-deadline");
            awaitDrained(proxy, "blue");
            assertThat(proxy.metrics().value("turnout_proxy_errors_total{colour=\"blue\",error=\"drain-deadline\"}"))
                    .isEqualTo(2);
            assertThat(unanswered.get("/").text()).isEqualTo("green");
        }
    }

    @Test
    void deadlineThatClosesEndsTunnelsToo() throws IOException {
        try (RunningProxy proxy = start();
                RawClient tunnel = proxy.client()) {
            tunnel.send(tunnel.request("GET", "/tunnel", "Connection: Upgrade", "Upgrade: echo") + "\r\n");
            assertThat(tunnel.read().status()).isEqualTo(101);
            proxy.switchTo(Colour.GREEN);

            drain(proxy, "blue", "{\"deadline\":\"50ms\",\"onDeadline\":\"close\"}");

            assertThat(tunnel.closedByPeer()).isTrue();
            awaitDrained(proxy, "blue");
        }
    }

    @Test
    void deadlineThatReportsCutsNothing() throws IOException {
        try (RunningProxy proxy = start();
                RawClient patient = proxy.client()) {
            begin(proxy, patient, "/long", 1);
            proxy.switchTo(Colour.GREEN);

            drain(proxy, "blue", "{\"deadline\":\"1ms\",\"onDeadline\":\"report\"}");
            Await.until(
                    "the drain is overdue",
                    () -> proxy.status().at("/pools/blue/drain/state").asText().equals("overdue"));
            assertThat(proxy.status().at("/pools/blue/inFlight").asInt()).isEqualTo(1);
            gate.countDown();

            assertThat(patient.readFinal("GET").text()).isEqualTo("half");
            awaitDrained(proxy, "blue");
        }
    }

    @Test
    void deadlineThatClosesIdleOnesSparesWhatMovedAMomentAgo() throws IOException {
        try (RunningProxy proxy = start();
                RawClient patient = proxy.client()) {
            begin(proxy, patient, "/long", 1);
            proxy.switchTo(Colour.GREEN);

            drain(proxy, "blue", "{\"deadline\":\"1ms\",\"onDeadline\":\"close-idle\"}");
            Await.until(
                    "the drain is overdue",
                    () -> proxy.status().at("/pools/blue/drain/state").asText().equals("overdue"));
            gate.countDown();

            assertThat(patient.readFinal("GET").text()).isEqualTo("half");
        }
    }

    @Test
    void idlePoolIsDrainedAtOnceAndUndrained() {
        try (RunningProxy proxy = start()) {
            JsonNode drained = drain(proxy, "green", "{\"wait\":true}");
            assertThat(drained.at("/drained").asBoolean()).isTrue();
            assertThat(drained.at("/changed").asBoolean()).isTrue();

            JsonNode undrained = json(proxy.post("/admin/pools/green/undrain", ""));

            assertThat(undrained.at("/changed").asBoolean()).isTrue();
            assertThat(proxy.status().at("/pools/green/drain").isNull()).isTrue();
            assertThat(json(proxy.post("/admin/pools/green/undrain", ""))
                            .at("/changed")
                            .asBoolean(true))
                    .isFalse();
        }
    }

    @Test
    void activePoolIsDrainedOnlyByForceAndTakesTrafficAgain() throws IOException {
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {
            HttpResponse<String> refused = proxy.post("/admin/pools/blue/drain", "");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.headers().firstValue("X-Turnout-Error")).contains("pool-is-active");
            assertThat(client.get("/").text()).isEqualTo("blue");

            drain(proxy, "blue", "{\"force\":true}");

            Response drained = client.get("/");
            assertThat(drained.status()).isEqualTo(503);
            assertThat(drained.field("X-Turnout-Error")).isEqualTo("pool-drained");
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(503);

            assertThat(proxy.post("/admin/pools/blue/undrain", "").statusCode()).isEqualTo(200);

            assertThat(client.get("/").text()).isEqualTo("blue");
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void drainSurvivesARestart(@TempDir Path folder) throws IOException {
        String order;
        try (RunningProxy proxy = startIn(folder)) {
            drain(proxy, "blue", "{\"force\":true,\"deadline\":\"7m\",\"onDeadline\":\"close-idle\"}");
            order = proxy.status().at("/pools/blue/drain").toString();
        }

        try (RunningProxy proxy = startIn(folder);
                RawClient client = proxy.client()) {
            assertThat(proxy.status().at("/pools/blue/drain").toString()).isEqualTo(order);
            assertThat(client.get("/").field("X-Turnout-Error")).isEqualTo("pool-drained");
            assertThat(proxy.post("/admin/pools/blue/undrain", "").statusCode()).isEqualTo(200);
            assertThat(client.get("/").text()).isEqualTo("blue");
        }
    }

    private RunningProxy start() {
        return proxy().blue(blue).green(green).start();
    }

    private RunningProxy startIn(Path folder) {
        return proxy().blue(blue)
                .green(green)
                .stateIn(folder.resolve("state.json"))
                .start();
    }

    /** Sends a request whose answer will not come by itself, and waits until it is in flight. */
    private static void begin(RunningProxy proxy, RawClient client, String target, int inFlight) throws IOException {
        client.send(client.request("GET", target) + "\r\n");
        if (target.equals("/long")) {
            Await.until("the answer has begun", () -> client.hasUnread());
        }
        Await.until(
                "it is in flight",
                () -> proxy.status().at("/pools/blue/inFlight").asInt() == inFlight);
    }

    private static JsonNode drain(RunningProxy proxy, String colour, String body) {
        HttpResponse<String> reply = proxy.post("/admin/pools/" + colour + "/drain", body);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return json(reply);
    }

    private static void awaitDrained(RunningProxy proxy, String colour) {
        Await.until(
                colour + " is drained",
                () -> proxy.status().at("/pools/" + colour + "/drained").asBoolean());
    }
}
