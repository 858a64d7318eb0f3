package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator's commands, and what keeps them from doing what was not meant. */
final class AdminCommandsIT {

    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));
    private RunningProxy proxy;

    @BeforeEach
    void start() {
        proxy = proxy().blue(blue).green(green).start();
    }

    @AfterEach
    void end() {
        proxy.close();
        blue.close();
        green.close();
    }

    @Test
    void switchWithoutATargetTogglesOnceWithinTheGuard() throws IOException {
        HttpResponse<String> first = proxy.post("/admin/switch", "");
        HttpResponse<String> second = proxy.post("/admin/switch", "");

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(json(first).at("/changed").asBoolean()).isTrue();
        assertThat(json(first).at("/from").asText()).isEqualTo("blue");
        assertThat(json(first).at("/to").asText()).isEqualTo("green");
        assertThat(json(first).at("/revision").asLong()).isEqualTo(2);
        assertThat(json(first).at("/tookMs").isNumber()).isTrue();
        assertThat(second.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertRefused(second, 409, "recently-switched", 2);
        try (RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("green");
        }
    }

    @Test
    void switchToTheActiveColourChangesNothing() {
        assertThat(proxy.post("/admin/switch", "{\"to\":\"green\"}").statusCode())
                .isEqualTo(200);

        HttpResponse<String> again = proxy.post("/admin/switch", "{\"to\":\"green\"}");

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again).at("/changed").asBoolean(true)).isFalse();
        assertThat(json(again).at("/revision").asLong()).isEqualTo(2);
        assertThat(json(proxy.get("/admin/history"))).hasSize(1);
    }

    @Test
    void rollbackNeedsSomethingToGoBackTo() throws IOException {
        assertRefused(proxy.post("/admin/rollback", ""), 409, "no-previous-colour", 1);
        proxy.switchTo(Colour.GREEN);

        HttpResponse<String> back = proxy.post("/admin/rollback", "{\"reason\":\"errors\"}");

        assertThat(back.statusCode()).isEqualTo(200);
        assertThat(json(back).at("/to").asText()).isEqualTo("blue");
        try (RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");
        }
    }

    @Test
    void dryRunTellsAndChangesNothing() throws IOException {
        JsonNode before = proxy.status();

        for (String path : List.of("/admin/switch", "/admin/pools/green/drain")) {
            HttpResponse<String> reply = proxy.post(path, "{\"dryRun\":true}");
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
            assertThat(json(reply).at("/changed").asBoolean()).isTrue();
            assertThat(json(reply).at("/dryRun").asBoolean()).isTrue();
        }
        // It refuses what the command would refuse.
        assertRefused(proxy.post("/admin/pools/blue/drain", "{\"dryRun\":true}"), 409, "pool-is-active", 1);

        assertThat(proxy.status()).isEqualTo(before);
        assertThat(json(proxy.get("/admin/history"))).isEmpty();
        try (RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");
        }
    }

    @Test
    void changeThatExpectsAnotherRevisionIsRefusedWithTheOneInForce() {
        assertRefused(
                proxy.post("/admin/switch", "{\"to\":\"green\",\"expectedRevision\":7}"), 412, "revision-mismatch", 1);
        assertRefused(
                proxy.post("/admin/switch", "{\"to\":\"green\"}", "If-Match", "\"r7\""), 412, "revision-mismatch", 1);

        HttpResponse<String> matched = proxy.post("/admin/switch", "{\"to\":\"green\"}", "If-Match", "\"r1\"");

        assertThat(matched.statusCode()).isEqualTo(200);
        assertThat(matched.headers().firstValue("ETag")).contains("\"r2\"");
        assertThat(proxy.post("/admin/switch", "{\"to\":\"blue\",\"expectedRevision\":2}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(proxy.get("/admin/status").headers().firstValue("ETag")).contains("\"r3\"");
    }

    @Test
    void repeatedIdempotencyKeyReplaysTheFirstReply() {
        HttpResponse<String> first = proxy.post("/admin/switch", "", "Idempotency-Key", "release-17");
        HttpResponse<String> again = proxy.post("/admin/switch", "", "Idempotency-Key", "release-17");
        HttpResponse<String> other = proxy.post("/admin/rollback", "", "Idempotency-Key", "release-17");

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(other.headers().firstValue("X-Turnout-Error")).contains("idempotency-key-reused");
        assertThat(proxy.status().at("/revision").asLong()).isEqualTo(2);
        assertThat(proxy.status().at("/active").asText()).isEqualTo("green");
    }

    @Test
    void longPollReturnsWithTheSwitch() {
        CompletableFuture<HttpResponse<String>> poll =
                CompletableFuture.supplyAsync(() -> proxy.get("/admin/status?wait=60s&revision=1"));

        proxy.switchTo(Colour.GREEN);

        JsonNode status = json(poll.join());
        assertThat(status.at("/revision").asLong()).isEqualTo(2);
        assertThat(status.at("/active").asText()).isEqualTo("green");
        // What has been passed already is no reason to wait.
        assertThat(json(proxy.get("/admin/status?wait=60s&revision=1"))
                        .at("/revision")
                        .asLong())
                .isEqualTo(2);
    }

    @Test
    void longPollEndsWithItsTime() {
        HttpResponse<String> reply = proxy.get("/admin/status?wait=50ms&revision=1");

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(json(reply).at("/revision").asLong()).isEqualTo(1);
    }

    @Test
    void historyTellsWhoDidWhatAndWhy() {
        proxy.post("/admin/switch", "{\"to\":\"green\",\"reason\":\"2.4.1\"}");
        proxy.post("/admin/rollback", "{\"reason\":\"too slow\"}");
        proxy.post("/admin/pools/green/drain", "{\"deadline\":\"1m\"}");

        JsonNode history = json(proxy.get("/admin/history"));

        assertThat(history).hasSize(3);
        assertThat(history.findValuesAsText("action")).containsExactly("drain", "rollback", "switch");
        assertThat(history.findValuesAsText("reason")).containsExactly("", "too slow", "2.4.1");
        assertThat(history.findValuesAsText("to")).containsExactly("green", "blue", "green");
        assertThat(history.findValuesAsText("revision")).containsExactly("4", "3", "2");
        assertThat(history.at("/0/actor/name").asText()).isEqualTo("anonymous");
        assertThat(history.at("/0/actor/remoteAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(json(proxy.get("/admin/history?limit=1&before=4"))
                        .at("/0/action")
                        .asText())
                .isEqualTo("rollback");
    }

    @Test
    void everyFaultOfABodyIsToldAtOnce() {
        HttpResponse<String> reply = proxy.post(
                "/admin/switch",
                "{\"to\":\"red\",\"dryRun\":\"yes\",\"expectedRevision\":-1,\"timeout\":\"soon\",\"evil<script>\":1}");

        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(json(reply).at("/errors").findValuesAsText("pointer"))
                .containsExactlyInAnyOrder("/to", "/dryRun", "/expectedRevision", "/timeout", "/evil<script>");
        assertThat(proxy.status().at("/revision").asLong()).isEqualTo(1);
    }

    @Test
    void bodyThatIsNotOneJsonObjectIsRefused() {
        for (String body : List.of("[]", "{\"to\":\"green\"", "{\"to\":\"green\",\"to\":\"blue\"}", "null", "{} {}")) {
            assertThat(proxy.post("/admin/switch", body).statusCode()).as(body).isEqualTo(400);
        }
        assertThat(proxy.post("/admin/switch", "{\"reason\":\"" + "x".repeat(1 << 20) + "\"}")
                        .statusCode())
                .isEqualTo(413);
        assertThat(proxy.status().at("/active").asText()).isEqualTo("blue");
    }

    @Test
    void readingChangesNothing() {
        JsonNode before = proxy.status();

        for (String path : List.of("/admin/switch", "/admin/rollback", "/admin/pools/blue/undrain?force=true")) {
            HttpResponse<String> reply = proxy.get(path);
            assertThat(reply.statusCode()).as(path).isEqualTo(405);
            assertThat(reply.headers().firstValue("Allow")).contains("POST");
        }
        for (String path : List.of(
                "/",
                "/admin/pools",
                "/admin/pools/blue",
                "/admin/pools/blue/drain",
                "/admin/canary",
                "/admin/openapi.json",
                "/metrics",
                "/health/live")) {
            assertThat(proxy.get(path).statusCode()).as(path).isEqualTo(200);
        }

        assertThat(proxy.status()).isEqualTo(before);
    }

    @Test
    void slowAndManyAdminClientsDoNotDisturbTraffic() throws IOException {
        List<RawClient> nuisances = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                nuisances.add(RawClient.connect(proxy.adminPort()).send("POST /admin/switch HTTP/1.1\r\nHost: 127"));
            }
            String scrape = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:" + proxy.adminPort() + "\r\n\r\n";
            for (int i = 0; i < 10; i++) {
                // Asks for much and reads nothing.
                nuisances.add(RawClient.connect(proxy.adminPort()).send(scrape.repeat(5)));
            }

            try (RawClient client = proxy.client()) {
                for (int i = 0; i < 200; i++) {
                    assertThat(client.get("/").text()).isEqualTo("blue");
                }
                proxy.switchTo(Colour.GREEN);
                assertThat(client.get("/").text()).isEqualTo("green");
            }
        } finally {
            for (RawClient nuisance : nuisances) {
                nuisance.close();
            }
        }
    }

    private static void assertRefused(HttpResponse<String> reply, int status, String error, long revision) {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
        assertThat(reply.headers().firstValue("X-Turnout-Error")).contains(error);
        assertThat(reply.headers().firstValue("ETag")).contains("\"r" + revision + "\"");
        assertThat(json(reply).at("/type").asText()).endsWith("/" + error);
        assertThat(json(reply).at("/revision").asLong()).isEqualTo(revision);
    }
}
