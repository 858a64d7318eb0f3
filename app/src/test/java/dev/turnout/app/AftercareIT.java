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
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Around a switch: bake, holdback, confirmation, freeze, and whether going back would work. */
final class AftercareIT {

    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @TempDir
    Path folder;

    @AfterEach
    void closeBackends() {
        blue.close();
        green.close();
    }

    private RunningProxy.Plan plan() {
        return proxy().blue(blue).green(green);
    }

    @Test
    void fewAreHeldBackWhileTheNewColourIsWatchedAndFollowWhenItIsOver() throws IOException {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order(
                    "/admin/switch",
                    "{\"to\":\"green\",\"bake\":\"2s\",\"holdback\":5,\"sticky\":{\"by\":[\"header:X-User\"]}}");
            assertThat(proxy.status().path("mode").asText()).isEqualTo("baking");
            assertThat(proxy.status().at("/pools/blue/drain").isNull()).isTrue();

            int held = 0;
            for (int user = 0; user < 400; user++) {
                held += client.get("/", "X-User: " + user).text().equals("blue") ? 1 : 0;
            }

            // Of 400 at 5 %, none or over 60 has a probability below one in a million.
            assertThat(held).isBetween(1, 60);
            Await.until("the end of the bake", () -> proxy.canary().isNull());
            assertThat(proxy.status().at("/pools/blue/drain/state").asText()).isEqualTo("drained");
            for (int user = 0; user < 100; user++) {
                assertThat(client.get("/", "X-User: " + user).text()).isEqualTo("green");
            }
            assertThat(json(proxy.get("/admin/history")).at("/0/action").asText())
                    .isEqualTo("release-complete");
        }
    }

    @Test
    void newColourThatFailsWhileItIsWatchedGoesBack() throws IOException {
        green.behave(request -> Answer.of(503, "broken"));
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/switch", "{\"to\":\"green\",\"bake\":\"1h\"}");

            for (int i = 0; i < 200 && proxy.status().path("active").asText().equals("green"); i++) {
                client.get("/");
            }

            assertThat(proxy.status().path("active").asText()).isEqualTo("blue");
            assertThat(client.get("/").text()).isEqualTo("blue");
            assertThat(proxy.metrics().value("turnout_switches_total{kind=\"auto-rollback\",to=\"blue\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void switchThatNobodyConfirmsGoesBackByItselfEvenAfterARestart() throws IOException {
        Path state = folder.resolve("state.json");
        try (RunningProxy proxy = plan().stateIn(state).start()) {
            proxy.order("/admin/switch", "{\"to\":\"green\",\"confirmWithin\":\"1s\"}");
            assertThat(proxy.canary().path("confirmBy").asText()).isNotEmpty();
        }

        try (RunningProxy proxy = plan().stateIn(state).start()) {
            Await.until(
                    "the way back", () -> proxy.status().path("active").asText().equals("blue"));
            assertThat(json(proxy.get("/admin/history")).at("/0/reason").asText())
                    .isEqualTo("not confirmed within 1 s");
        }
    }

    @Test
    void confirmedSwitchStays() throws IOException {
        try (RunningProxy proxy = plan().start()) {
            proxy.order("/admin/switch", "{\"to\":\"green\",\"confirmWithin\":\"1h\"}");
            HttpResponse<String> second = proxy.post("/admin/switch", "{\"to\":\"blue\"}");
            assertThat(second.statusCode()).isEqualTo(409);

            assertThat(proxy.order("/admin/confirm", "{}").path("canary").isNull())
                    .isTrue();

            assertThat(proxy.status().path("active").asText()).isEqualTo("green");
            assertThat(proxy.post("/admin/confirm", "").statusCode()).isEqualTo(409);
        }
    }

    @Test
    void freezeStopsWhatGoesForwardAndNothingThatGoesBack() throws IOException {
        try (RunningProxy proxy = plan().start()) {
            proxy.switchTo(Colour.GREEN);
            String until = Instant.now().plusSeconds(3600).toString();
            HttpResponse<String> frozen =
                    proxy.command("PUT", "/admin/freeze", "{\"until\":\"" + until + "\",\"reason\":\"black friday\"}");
            assertThat(frozen.statusCode()).as(frozen.body()).isEqualTo(200);
            assertThat(json(frozen).at("/freeze/reason").asText()).isEqualTo("black friday");

            HttpResponse<String> refused = proxy.post("/admin/switch", "{\"to\":\"blue\"}");
            assertThat(refused.statusCode()).isEqualTo(423);
            assertThat(refused.body()).contains("/frozen", "anonymous", "black friday", until);
            assertThat(proxy.post("/admin/canary", "{\"weight\":1}").statusCode())
                    .isEqualTo(423);
            assertThat(proxy.status().at("/freeze/reason").asText()).isEqualTo("black friday");
            assertThat(proxy.order("/admin/rollback", "{}").path("to").asText()).isEqualTo("blue");

            for (boolean changed : List.of(true, false)) {
                HttpResponse<String> free = proxy.command("DELETE", "/admin/freeze", "");
                assertThat(free.statusCode()).isEqualTo(200);
                assertThat(json(free).path("changed").asBoolean()).isEqualTo(changed);
                assertThat(json(free).path("freeze").isNull()).isTrue();
                assertThat(json(free).fieldNames())
                        .toIterable()
                        .containsExactly("changed", "revision", "tookMs", "freeze");
            }
            assertThat(proxy.order("/admin/switch", "{\"to\":\"green\"}")
                            .path("changed")
                            .asBoolean())
                    .isTrue();
            HttpResponse<String> past =
                    proxy.command("PUT", "/admin/freeze", "{\"until\":\"2020-01-01T00:00:00Z\",\"reason\":\"x\"}");
            assertThat(past.statusCode()).isEqualTo(400);
        }
    }

    @Test
    void workersHearOfTheirRoleWhenItChanges() throws Exception {
        try (RunningProxy proxy = plan().start()) {
            assertThat(proxy.get("/admin/pools/blue/role").body()).isEqualTo("active\n");
            assertThat(proxy.get("/admin/pools/green/role?wait=10ms&not=idle").body())
                    .isEqualTo("idle\n");
            assertThat(proxy.get("/admin/pools/green/role?not=none").statusCode())
                    .isEqualTo(400);
            assertThat(proxy.get("/admin/pools/green/role?wait=60s&not=").statusCode())
                    .isEqualTo(400);
            assertThat(proxy.get("/admin/pools/green/role?wait=60s").body()).isEqualTo("idle\n");
            ExecutorService other = Executors.newSingleThreadExecutor();
            Future<String> waiting = other.submit(
                    () -> proxy.get("/admin/pools/green/role?wait=60s&not=idle").body());

            proxy.order("/admin/canary", "{\"weight\":1}");

            assertThat(waiting.get()).isEqualTo("canary\n");
            proxy.order("/admin/canary/promote", "{\"full\":true}");
            assertThat(proxy.get("/admin/pools/blue/role?wait=60s&not=active").body())
                    .isEqualTo("idle\n");
            other.shutdown();
        }
    }

    @Test
    void statusSaysWhetherGoingBackWouldWork() throws IOException {
        Path state = folder.resolve("state.json");
        try (RunningProxy proxy = plan().stateIn(state).start()) {
            assertThat(readiness(proxy)).isEqualTo("IMPOSSIBLE");
            proxy.switchTo(Colour.GREEN);
            assertThat(readiness(proxy)).isEqualTo("READY");
            proxy.order("/admin/rollback", "{}");
            assertThat(readiness(proxy)).isEqualTo("DONE");
            proxy.switchTo(Colour.GREEN);
        }
        try (RecordingBackend other = RecordingBackend.start(request -> Answer.ok("other"));
                RunningProxy proxy =
                        proxy().blue(other).green(green).stateIn(state).start()) {
            assertThat(readiness(proxy)).isEqualTo("STALE");
            assertThat(proxy.status().at("/rollback/why").asText()).contains(blue.address(), other.address());
            assertThat(proxy.order("/admin/rollback", "{\"dryRun\":true}")
                            .path("warning")
                            .asText())
                    .contains(blue.address(), other.address());
        }
        try (RunningProxy proxy = proxy().green(green).stateIn(state).start()) {
            assertThat(readiness(proxy)).isEqualTo("IMPOSSIBLE");
            assertThat(proxy.status().at("/rollback/why").asText()).isEqualTo("blue has no backends");
        }
    }

    private static String readiness(RunningProxy proxy) {
        JsonNode rollback = proxy.status().path("rollback");
        return rollback.path("state").asText();
    }
}
