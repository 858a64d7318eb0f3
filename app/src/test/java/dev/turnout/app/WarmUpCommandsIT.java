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
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands that wait for a warm-up, and what happens meanwhile, with the real Application. */
final class WarmUpCommandsIT {

    private static final String HI = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    private static final String PLAN = "{\"backends\":1,\"connections\":2,\"requests\":3}";

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @AfterEach
    void end() {
        gate.countDown();
        blue.close();
        green.close();
    }

    private RunningProxy.Plan plan() {
        return proxy().blue(blue)
                .green(green)
                .set("workers", 1)
                .set("warm-up.connections", 2)
                .set("warm-up.requests", 3)
                .set("warm-up.timeout", "1m")
                .set("warm-up.paths", List.of("/a"));
    }

    /** Requests of a warm-up wait until the gate is opened. */
    private void holdWarmUpOf(RecordingBackend backend) {
        backend.behave(request -> request.field("X-Turnout-Warm-Up").isEmpty()
                ? Answer.ok("user")
                : new Answer(List.of(new Answer.Hold(gate))).thenSend(HI));
    }

    private static CompletableFuture<HttpResponse<String>> begin(RunningProxy proxy, String path, String body) {
        return CompletableFuture.supplyAsync(() -> proxy.post(path, body));
    }

    private static void awaitRequest(RecordingBackend backend) {
        Await.until("the warm-up is under way", () -> backend.requestCount() == 1);
    }

    private static String active(RunningProxy proxy) {
        return proxy.status().path("active").asText();
    }

    @Test
    void dryRunTellsWhatWouldBeDoneAndDoesNothing() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            for (String path : List.of("/admin/switch", "/admin/canary")) {
                String body = path.equals("/admin/canary") ? "{\"weight\":1,\"dryRun\":true}" : "{\"dryRun\":true}";
                assertThat(proxy.order(path, body).path("warmUp").toString()).isEqualTo(PLAN);
            }
            assertThat(proxy.order("/admin/switch", "{\"hold\":{},\"dryRun\":true}")
                            .path("warmUp")
                            .toString())
                    .isEqualTo(PLAN);
            assertThat(proxy.order("/admin/switch", "{\"dryRun\":true,\"warmUp\":false}")
                            .has("warmUp"))
                    .isFalse();
            assertThat(proxy.order("/admin/switch", "{\"to\":\"blue\",\"dryRun\":true}")
                            .has("warmUp"))
                    .isFalse();

            assertThat(green.acceptedConnections()).isZero();
            assertThat(blue.acceptedConnections()).isZero();
        }
    }

    @Test
    void failureRefusesIfThatIsAskedForAndForcePasses() throws Exception {
        green.behave(
                request -> request.field("X-Turnout-Warm-Up").isEmpty() ? Answer.ok("green") : Answer.of(503, "no"));
        try (RunningProxy proxy = plan().set("warm-up.on-failure", "refuse")
                .set("outlier-detection.local-errors", 1)
                .set("outlier-detection.server-errors", 1)
                .start()) {
            HttpResponse<String> refused = proxy.post("/admin/switch", "{\"to\":\"green\",\"reason\":\"2.4.1\"}");

            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.headers().firstValue("X-Turnout-Error")).contains("warm-up-failed");
            assertThat(json(refused).path("detail").asText())
                    .isEqualTo("nothing was changed: in the warm-up of green, 3 requests to 1 backends, 3 failed, among"
                            + " them: " + green.address() + " GET /a: status 503; " + green.address()
                            + " GET /a: status 503; " + green.address() + " GET /a: status 503");
            assertThat(proxy.post("/admin/canary", "{\"weight\":1}").statusCode())
                    .isEqualTo(409);
            assertThat(proxy.post("/admin/switch", "{\"hold\":{}}").statusCode())
                    .isEqualTo(409);
            assertThat(active(proxy)).isEqualTo("blue");
            assertThat(proxy.status().path("revision").asInt()).isEqualTo(1);
            assertThat(proxy.status().path("mode").asText()).isEqualTo("steady");
            assertThat(json(proxy.get("/admin/history")).findValuesAsText("result"))
                    .containsExactly("refused: warm-up-failed", "refused: warm-up-failed", "refused: warm-up-failed");
            // It says nothing of how the backend treats users.
            assertThat(proxy.status().at("/pools/green/backends/0/ejected").isNull())
                    .isTrue();

            JsonNode forced = proxy.order("/admin/switch", "{\"to\":\"green\",\"force\":true}");

            assertThat(forced.at("/warmUp/failed").asInt()).isEqualTo(3);
            assertThat(active(proxy)).isEqualTo("green");
        }
    }

    @Test
    void failureIsToldWhereItDoesNotRefuse() throws Exception {
        green.behave(request -> Answer.reset());
        try (RunningProxy proxy = plan().start()) {
            JsonNode moved = proxy.order("/admin/switch", "{\"to\":\"green\"}");

            assertThat(moved.path("changed").asBoolean()).isTrue();
            assertThat(moved.at("/warmUp/failures/2").asText())
                    .isEqualTo(green.address() + " GET /a: closed without response");
        }
    }

    @Test
    void rollbackDuringAWarmUpIsAtOnceAndTheTargetStaysTheOneThatIsWarm() throws Exception {
        try (RunningProxy proxy = plan().set("switch-guard", "0s").start()) {
            proxy.order("/admin/switch", "{\"to\":\"green\",\"warmUp\":false}");
            holdWarmUpOf(blue);
            CompletableFuture<HttpResponse<String>> toggle = begin(proxy, "/admin/switch", "");
            awaitRequest(blue);

            JsonNode back = proxy.order("/admin/rollback", "");

            assertThat(back.path("to").asText()).isEqualTo("blue");
            assertThat(toggle.isDone()).isFalse();
            gate.countDown();
            // The idle colour is another one by now: a second toggle would go back to green.
            assertThat(json(toggle.get()).path("changed").asBoolean()).isFalse();
            assertThat(active(proxy)).isEqualTo("blue");
        }
    }

    @Test
    void whoWentBackMeanwhileIsNotOverruled() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            holdWarmUpOf(green);
            CompletableFuture<HttpResponse<String>> slow = begin(proxy, "/admin/switch", "{\"to\":\"green\"}");
            awaitRequest(green);

            proxy.order("/admin/switch", "{\"to\":\"green\",\"warmUp\":false}");
            proxy.order("/admin/rollback", "");
            gate.countDown();

            assertThat(slow.get().statusCode()).isEqualTo(409);
            assertThat(slow.get().headers().firstValue("X-Turnout-Error")).contains("recently-switched");
            assertThat(json(slow.get()).path("detail").asText()).contains("there was a rollback, revision 3");
            assertThat(active(proxy)).isEqualTo("blue");
        }
    }

    @Test
    void otherCommandsGoOnMeanwhileAndTheExpectedRevisionStillHolds() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            holdWarmUpOf(green);
            CompletableFuture<HttpResponse<String>> expecting =
                    begin(proxy, "/admin/switch", "{\"to\":\"green\",\"expectedRevision\":1}");
            awaitRequest(green);
            CompletableFuture<HttpResponse<String>> joining = begin(proxy, "/admin/switch", "{\"to\":\"green\"}");
            // What would be refused is refused at once.
            assertThat(proxy.post("/admin/switch", "{\"to\":\"green\",\"expectedRevision\":9}")
                            .statusCode())
                    .isEqualTo(412);

            assertThat(proxy.command("PATCH", "/admin/pools/blue/backends/" + blue.address(), "{\"weight\":2}")
                            .statusCode())
                    .isEqualTo(200);
            gate.countDown();

            assertThat(expecting.get().statusCode()).isEqualTo(412);
            assertThat(joining.get().statusCode()).isEqualTo(200);
            assertThat(active(proxy)).isEqualTo("green");
        }
    }

    @Test
    void doubleClickMovesTheTrafficOnce() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            holdWarmUpOf(green);
            CompletableFuture<HttpResponse<String>> one = begin(proxy, "/admin/switch", "");
            awaitRequest(green);
            CompletableFuture<HttpResponse<String>> other = beginKeyed(proxy);
            CompletableFuture<HttpResponse<String>> repeated = beginKeyed(proxy);
            // One of the two finds the key in use, so that the command with that key is on its way.
            Await.until("both are there", () -> other.isDone() || repeated.isDone());
            assertThat(one.isDone()).isFalse();
            gate.countDown();

            assertThat(List.of(other.get().statusCode(), repeated.get().statusCode()))
                    .containsExactlyInAnyOrder(200, 409);
            JsonNode second = json(other.get().statusCode() == 200 ? other.get() : repeated.get());
            assertThat(List.of(
                            json(one.get()).path("changed").asBoolean(),
                            second.path("changed").asBoolean()))
                    .containsExactlyInAnyOrder(true, false);
            assertThat(active(proxy)).isEqualTo("green");
        }
    }

    private static CompletableFuture<HttpResponse<String>> beginKeyed(RunningProxy proxy) {
        return CompletableFuture.supplyAsync(() -> proxy.post("/admin/switch", "", "Idempotency-Key", "k"));
    }

    @Test
    void heldSwitchWarmsBeforeAnybodyHasToWait() throws Exception {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            holdWarmUpOf(green);
            CompletableFuture<HttpResponse<String>> held =
                    begin(proxy, "/admin/switch", "{\"to\":\"green\",\"hold\":{\"timeout\":\"10s\"}}");
            awaitRequest(green);

            assertThat(client.get("/").text()).isEqualTo("blue");
            assertThat(proxy.status().path("mode").asText()).isEqualTo("steady");
            gate.countDown();

            assertThat(json(held.get()).at("/warmUp/failed").asInt()).isZero();
            assertThat(json(held.get()).at("/warmUp/connections").asInt()).isEqualTo(2);
            assertThat(client.get("/").text()).isEqualTo("user");
        }
    }

    @Test
    void canaryAndRampWarmTheIdleColourAndARollbackWarmsNothing() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            assertThat(proxy.order("/admin/canary", "{\"weight\":1}")
                            .at("/warmUp/requests")
                            .asInt())
                    .isEqualTo(3);
            proxy.order("/admin/rollback", "");
            assertThat(proxy.order("/admin/canary", "{\"weight\":1,\"warmUp\":false}")
                            .has("warmUp"))
                    .isFalse();
            proxy.order("/admin/canary/abort", "");
            assertThat(green.requestCount()).isEqualTo(3);
            assertThat(proxy.order("/admin/switch", "{\"to\":\"green\",\"ramp\":\"1h\"}")
                            .at("/warmUp/requests")
                            .asInt())
                    .isEqualTo(3);
            proxy.order("/admin/canary/promote", "{\"full\":true}");
            proxy.order("/admin/rollback", "");

            assertThat(green.requestCount()).isEqualTo(6);
            assertThat(blue.requestCount()).isZero();
            // There is nothing to move.
            assertThat(proxy.order("/admin/switch", "{\"to\":\"blue\"}").has("warmUp"))
                    .isFalse();
            assertThat(blue.requestCount()).isZero();
        }
    }

    @Test
    void reloadChangesIt() throws Exception {
        RunningProxy.Plan plan = plan();
        try (RunningProxy proxy = plan.start()) {
            plan.set("pools.green.warm-up.requests", 5);

            assertThat(proxy.order("/admin/config/reload", "").path("applied").toString())
                    .isEqualTo("[\"pools.green.warm-up\"]");

            assertThat(proxy.order("/admin/switch", "").at("/warmUp/requests").asInt())
                    .isEqualTo(5);
        }
    }
}
