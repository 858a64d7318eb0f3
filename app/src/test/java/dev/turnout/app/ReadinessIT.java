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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether a pool is ready for its users: gate of a switch, ramps, slow start; with the real Application. */
final class ReadinessIT {

    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend first = RecordingBackend.start(request -> Answer.ok("first"));
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));

    @AfterEach
    void close() {
        blue.close();
        first.close();
        second.close();
    }

    @Test
    void switchAsksForAShareOfUsableBackends() throws Exception {
        try (RunningProxy proxy = proxy().blue(blue)
                .green(first, second)
                .set("switch-gate.min-healthy", 60)
                .start()) {
            assertThat(proxy.post("/admin/pools/green/backends/" + second.address() + "/drain", "{}")
                            .statusCode())
                    .isEqualTo(200);
            // One that is drained by order is not asked for.
            JsonNode gate = proxy.order("/admin/switch", "{\"dryRun\":true}").at("/gate");
            assertThat(gate.toString())
                    .isEqualTo(
                            "{\"usable\":1,\"total\":1,\"healthyPercent\":100,\"activeUsable\":1,\"capacityPercent\":100,\"inFlight\":0,"
                                    + "\"room\":null}");
            assertThat(proxy.post("/admin/pools/green/backends/" + second.address() + "/undrain", "{}")
                            .statusCode())
                    .isEqualTo(200);
        }
        try (RunningProxy proxy = proxy().blue(blue)
                .green(first, second)
                .set("health.kind", "tcp")
                .set("health.interval", "20ms")
                .set("switch-gate.min-healthy", 60)
                .start()) {
            second.close();
            Await.until(
                    "one is down",
                    () -> proxy.status().at("/pools/green/usable").asInt() == 1);
            HttpResponse<String> refused = proxy.post("/admin/switch", "{\"to\":\"green\"}");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).at("/detail").asText())
                    .isEqualTo("1 of 2 backends of green are usable, which is 50 %, and at least 60 % are asked for");
            assertThat(refused.body()).contains("gate-failed");
            assertThat(proxy.post("/admin/switch", "{\"to\":\"green\",\"gate\":{\"minHealthy\":101}}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(proxy.post("/admin/switch", "{\"to\":\"green\",\"gate\":{}}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(proxy.post("/admin/switch", "{\"to\":\"green\",\"gate\":{\"minHealthy\":0,\"minCapacity\":101}}")
                            .body())
                    .contains("gate-failed", "which is 100 % of the 1 of blue");
            JsonNode moved = proxy.order("/admin/switch", "{\"to\":\"green\",\"gate\":{\"minHealthy\":50}}");
            assertThat(moved.at("/gate/healthyPercent").asInt()).isEqualTo(50);
            // The way back does not ask.
            assertThat(proxy.post("/admin/rollback", "{}").statusCode()).isEqualTo(200);
        }
    }

    /** What a ramp and a held switch were asked for in their body is not dropped. */
    @Test
    void rampAndHeldSwitchAskToo() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            second.close();
            awaitOneUsable(proxy);
            for (String how : List.of("\"ramp\":\"1h\"", "\"hold\":{\"timeout\":\"5s\"}")) {
                for (String dry : List.of("false", "true")) {
                    HttpResponse<String> refused = proxy.post(
                            "/admin/switch", "{\"gate\":{\"minHealthy\":60},\"dryRun\":" + dry + "," + how + "}");
                    assertThat(refused.body()).contains("gate-failed", "1 of 2 backends of green");
                    JsonNode dryRun =
                            proxy.order("/admin/switch", "{\"gate\":{\"minHealthy\":50},\"dryRun\":true," + how + "}");
                    assertThat(dryRun.at("/from").asText() + dryRun.at("/to").asText())
                            .isEqualTo("bluegreen");
                    assertThat(dryRun.at("/gate/healthyPercent").asInt()).isEqualTo(50);
                }
            }
            assertThat(proxy.status().at("/active").asText()).isEqualTo("blue");
            assertThat(proxy.post("/admin/canary", "{\"weight\":10,\"gate\":{\"minHealthy\":60}}")
                            .body())
                    .contains("gate-failed");
            assertThat(proxy.post("/admin/switch", "{\"ramp\":\"1h\",\"wait\":\"drained\"}")
                            .body())
                    .contains("/wait");
        }
    }

    @Test
    void canaryThatPromotesItselfWaitsAtTheGate() throws Exception {
        try (RunningProxy proxy = plan().set("switch-gate.min-healthy", 60).start()) {
            proxy.order(
                    "/admin/canary", "{\"steps\":[{\"weight\":10,\"for\":\"1h\"},{\"weight\":20,\"for\":\"1ms\"}]}");
            second.close();
            awaitOneUsable(proxy);
            HttpResponse<String> refused = proxy.post("/admin/canary/promote", "{\"full\":true}");
            assertThat(refused.body()).contains("gate-failed");
            // A small step does not ask.
            proxy.order("/admin/canary/step", "{}");
            Await.until(
                    "it is told what is in the way",
                    () -> proxy.canary().path("blocked").asText().startsWith("1 of 2 backends of green are usable"));
            assertThat(proxy.status().at("/active").asText()).isEqualTo("blue");
            assertThat(proxy.command("DELETE", "/admin/pools/green/backends/" + second.address() + "?wait=20s", "")
                            .statusCode())
                    .isEqualTo(200);
            Await.until(
                    "it has gone on",
                    () -> proxy.status().at("/active").asText().equals("green"));
        }
    }

    private RunningProxy.Plan plan() {
        return proxy().blue(blue).green(first, second).set("health.kind", "tcp").set("health.interval", "20ms");
    }

    private static void awaitOneUsable(RunningProxy proxy) {
        Await.until(
                "one is down", () -> proxy.status().at("/pools/green/usable").asInt() == 1);
    }

    @Test
    void switchAsksForRoom() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        blue.behave(request -> new Answer(List.of(new Answer.Hold(gate))));
        try (RunningProxy proxy = proxy().blue(blue)
                        .green(first)
                        .set("timeouts.shutdown", "1ms")
                        .set("pools.green.backend-limits.in-flight", 1)
                        .start();
                RawClient one = proxy.client();
                RawClient two = proxy.client()) {
            one.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            two.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            proxy.awaitBlueInFlight(2);
            HttpResponse<String> refused = proxy.post("/admin/switch", "{\"to\":\"green\"}");
            assertThat(json(refused).at("/detail").asText())
                    .isEqualTo("blue has 2 requests in flight, and the backend-limits of green have room for 1");
            JsonNode forced = proxy.order("/admin/switch", "{\"to\":\"green\",\"force\":true}");
            assertThat(forced.at("/gate/room").asInt()).isEqualTo(1);
            assertThat(forced.at("/gate/inFlight").asInt()).isEqualTo(2);
        }
    }

    @Test
    void rampBeginsWithATenthOfTheRequests() throws Exception {
        try (RunningProxy proxy = proxy().blue(blue).green(first).start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/switch", "{\"to\":\"green\",\"ramp\":\"9h\"}");

            for (int i = 0; i < 600; i++) {
                ask(client);
            }

            // 60 on average, with a standard deviation of 7.3.
            assertThat(first.requestCount()).isBetween(20L, 100L);
            assertThat(blue.requestCount()).isEqualTo(600 - first.requestCount());
            assertThat(proxy.status().at("/active").asText()).isEqualTo("blue");
        }
    }

    @Test
    void shareRampsAndThenAllIsThere() throws Exception {
        try (RunningProxy proxy = proxy().blue(blue).green(first).start();
                RawClient client = proxy.client()) {
            JsonNode begun = proxy.order("/admin/switch", "{\"to\":\"green\",\"ramp\":\"900ms\"}");
            assertThat(begun.at("/changed").asBoolean()).isTrue();
            assertThat(begun.at("/from").asText() + begun.at("/to").asText()).isEqualTo("bluegreen");
            assertThat(begun.at("/gate/usable").asInt()).isEqualTo(1);
            assertThat(begun.at("/canary/candidate").asText()).isEqualTo("green");
            assertThat(begun.at("/canary/steps").asInt()).isEqualTo(9);
            assertThat(proxy.canary().findValue("steps").asInt()).isEqualTo(9);
            Await.until("all of it is there", () -> {
                ask(client);
                return proxy.status().at("/active").asText().equals("green");
            });
            assertThat(ask(client)).isEqualTo("first");
            // Given again it is there already.
            assertThat(proxy.order("/admin/switch", "{\"to\":\"green\",\"ramp\":\"900ms\"}")
                            .at("/changed")
                            .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void backendThatCameUpBeginsWithLittle() throws Exception {
        try (RunningProxy proxy = proxy().blue(first)
                        .set("balancer", "round-robin")
                        .set("slow-start", "3s")
                        .start();
                RawClient client = proxy.client()) {
            awaitFullWeight(proxy, 0);
            // On a machine that is too slow for 60 requests in half of the window it is taken out, and begins anew.
            Await.until("60 requests were sent before it had more than half of its weight", () -> {
                order(proxy, "POST", "", "{\"address\":\"" + second.address() + "\"}");
                Await.until(
                        "it serves",
                        () -> proxy.status().at("/pools/blue/usable").asInt() == 2);
                long toSecond = toSecond(client, 60);
                JsonNode percent = proxy.status().at("/pools/blue/backends/1/slowStartPercent");
                if (percent.isNull() || percent.asInt() > 50) {
                    order(proxy, "DELETE", "/" + second.address() + "?wait=20s", "");
                    return false;
                }
                // A third at most, and one more for each of five orders of turns: half of them would be 30.
                assertThat(toSecond).isBetween(1L, 25L);
                return true;
            });
            awaitFullWeight(proxy, 1);
            // The table with all of its weight comes a tenth of the window later at most.
            Await.until("requests are shared evenly", () -> toSecond(client, 40) == 20);
        }
    }

    /** How many of so many requests the second one got. */
    private long toSecond(RawClient client, int requests) {
        long before = second.requestCount();
        for (int i = 0; i < requests; i++) {
            ask(client);
        }
        return second.requestCount() - before;
    }

    private static void order(RunningProxy proxy, String method, String path, String body) {
        HttpResponse<String> reply = proxy.command(method, "/admin/pools/blue/backends" + path, body);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    }

    private static void awaitFullWeight(RunningProxy proxy, int backend) {
        Await.until("it has all of its weight", () -> proxy.status()
                .at("/pools/blue/backends/" + backend + "/slowStartPercent")
                .isNull());
    }

    private static String ask(RawClient client) {
        try {
            return client.get("/").text();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
