package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A canary from its start to its end: who gets it, in which steps, and how it goes back. */
final class CanaryIT {

    private static final String HALF = "{\"steps\":[{\"weight\":50,\"for\":\"1h\"}]}";
    private static final String NOBODY = "{\"steps\":[{\"weight\":0,\"for\":\"1h\"}]}";
    private static final String ALL = "{\"steps\":[{\"weight\":100,\"for\":\"1h\"}]}";
    private static final String COOKIE = "turnout_uid=";

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
    void userKeepsTheColourTheFirstAnswerGave() throws IOException {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").field("Set-Cookie")).isEmpty();
            proxy.order("/admin/canary", HALF);

            Map<String, Integer> colours = new HashMap<>();
            for (int user = 0; user < 60; user++) {
                Response first = client.get("/");
                String cookie = first.field("Set-Cookie");
                assertThat(cookie)
                        .startsWith(COOKIE)
                        .contains("; HttpOnly", "; SameSite=Lax", "; Path=/")
                        .doesNotContain("Secure");
                String own = cookie.substring(0, cookie.indexOf(';'));
                for (int i = 0; i < 3; i++) {
                    Response next = client.get("/", "Cookie: a=b; " + own);
                    assertThat(next.text()).isEqualTo(first.text());
                    assertThat(next.field("Set-Cookie")).isEmpty();
                }
                colours.merge(first.text(), 1, Integer::sum);
            }

            // Of 60 users at 50 %, fewer than 12 on one side has a probability below one in a million.
            assertThat(colours.get("blue")).isBetween(12, 48);
        }
    }

    @Test
    void usersAreKnownByWhatTheReleaseNamesAndKeepTheirColourOverARestart() throws IOException {
        String start = "{\"releaseId\":\"r-7\",\"steps\":[{\"weight\":30,\"for\":\"1h\"}],"
                + "\"sticky\":{\"by\":[\"header:X-User\",\"cookie:uid\"],\"issueCookie\":false}}";
        Map<String, String> before = new HashMap<>();
        try (RunningProxy proxy = plan().stateIn(folder.resolve("state.json")).start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", start);
            for (int user = 0; user < 200; user++) {
                Response answer = client.get("/", "X-User: u" + user);
                assertThat(answer.field("Set-Cookie")).isEmpty();
                before.put("u" + user, answer.text());
                assertThat(client.get("/", "Cookie: uid=u" + user).text()).isEqualTo(answer.text());
            }
        }

        try (RunningProxy proxy = plan().stateIn(folder.resolve("state.json")).start();
                RawClient client = proxy.client()) {
            for (Map.Entry<String, String> user : before.entrySet()) {
                assertThat(client.get("/", "X-User: " + user.getKey()).text()).isEqualTo(user.getValue());
            }
            // Whoever has the new colour keeps it while the share grows.
            proxy.command("PATCH", "/admin/canary", "{\"weight\":60.01}");
            for (Map.Entry<String, String> user : before.entrySet()) {
                String now = client.get("/", "X-User: " + user.getKey()).text();
                assertThat(user.getValue().equals("blue") || now.equals("green"))
                        .isTrue();
            }
        }
    }

    @Test
    void rulesAreStrongerThanTheShareAndNeverIsStrongest() throws IOException {
        String rules = "{\"steps\":[{\"weight\":0,\"for\":\"1h\"}],"
                + "\"match\":[{\"header\":{\"name\":\"X-Canary\",\"exact\":\"always\"}},{\"cookie\":{\"name\":\"beta\"}},"
                + "{\"pathPrefix\":\"/new\"},{\"users\":[\"anna\"]}],"
                + "\"never\":[{\"header\":{\"name\":\"X-Canary\",\"exact\":\"never\"}}],"
                + "\"sticky\":{\"by\":[\"header:X-User\"]}}";
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", rules);

            assertThat(client.get("/").text()).isEqualTo("blue");
            assertThat(client.get("/", "X-Canary: always").text()).isEqualTo("green");
            assertThat(client.get("/", "Cookie: beta=1").text()).isEqualTo("green");
            assertThat(client.get("/new/page").text()).isEqualTo("green");
            assertThat(client.get("/newer").text()).isEqualTo("blue");
            assertThat(client.get("/", "X-User: anna").text()).isEqualTo("green");
            assertThat(client.get("/new", "X-Canary: never").text()).isEqualTo("blue");
            JsonNode judge = json(proxy.get("/admin/canary/judge"));
            assertThat(judge.path("canaryRequests").asInt()).isZero();
            assertThat(proxy.metrics()
                            .value("turnout_routed_requests_total{colour=\"green\",routed=\"candidate-by-rule\"}"))
                    .isEqualTo(4);
        }
    }

    @Test
    void brokenCanaryGoesBackByItselfAndNoUserSeesIt() throws IOException {
        green.behave(request -> Answer.of(500, "broken"));
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", "{\"steps\":[{\"weight\":50,\"for\":\"1h\"}],\"reason\":\"2.5\"}");

            int requests = 0;
            while (!proxy.canary().isNull()) {
                assertThat(client.get("/r" + requests++).text()).isEqualTo("blue");
                assertThat(requests).as("requests until the rollback").isLessThan(200);
            }

            long reached = green.requestCount();
            assertThat(reached).isBetween(5L, 20L);
            for (int i = 0; i < 50; i++) {
                assertThat(client.get("/").text()).isEqualTo("blue");
            }
            assertThat(green.requestCount()).isEqualTo(reached);
            JsonNode last = json(proxy.get("/admin/canary")).path("last");
            assertThat(last.at("/judge/verdict").asText()).isEqualTo("fail");
            assertThat(last.path("end").asText()).startsWith("auto-rollback: judge: ");
            assertThat(last.at("/judge/worstBackends/0/name").asText()).isEqualTo(green.address());
            JsonNode entry = json(proxy.get("/admin/history")).get(0);
            assertThat(entry.path("action").asText()).isEqualTo("auto-rollback");
            assertThat(entry.at("/actor/name").asText()).isEqualTo("turnout");
            assertThat(proxy.status().path("active").asText()).isEqualTo("blue");
            assertThat(proxy.metrics().value("turnout_retries_total{colour=\"green\",reason=\"canary-fallback\"}"))
                    .isEqualTo((double) reached);
        }
    }

    @Test
    void requestThatCannotBeSentTwiceIsNotGivenToTheOtherColour() throws IOException {
        green.behave(request -> Answer.of(500, "broken"));
        String alone = "{\"steps\":[{\"weight\":100,\"for\":\"1h\"}],\"judge\":{\"hardLimit\":{\"errorRate\":0}}}";
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", alone);

            assertThat(client.post("/", "once").status()).isEqualTo(500);
            assertThat(client.post("/", "key", "Idempotency-Key: 1").text()).isEqualTo("blue");
            assertThat(blue.requests()).hasSize(1);
            assertThat(blue.requests().get(0).text()).isEqualTo("key");
        }
    }

    @Test
    void requestThatIsBrokenOffIsServedByTheOldColourAndCountsOnce() throws IOException {
        green.behave(request -> Answer.reset());
        String gentle = "{\"steps\":[{\"weight\":100,\"for\":\"1h\"}],\"judge\":{\"hardLimit\":{\"errorRate\":0}}}";
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", gentle);

            for (int i = 0; i < 4; i++) {
                assertThat(client.get("/").text()).isEqualTo("blue");
            }

            Await.until(
                    "four to be counted",
                    () -> proxy.canary().at("/judge/worstBackends/0/count").asInt() == 4);
            assertThat(proxy.canary().at("/judge/canaryRequests").asInt()).isEqualTo(4);
            assertThat(proxy.canary().at("/judge/canaryErrorRate").asDouble()).isEqualTo(1.0);
        }
    }

    @Test
    void fallbackCanBeSwitchedOff() throws IOException {
        green.behave(request -> Answer.of(500, "broken"));
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", ALL.replace("]}", "],\"fallback\":false}"));

            assertThat(client.get("/").status()).isEqualTo(500);
            assertThat(blue.requestCount()).isZero();
        }
    }

    @Test
    void canaryWithoutABackendIsServedByTheActiveColourAndTheJudgeHearsOfIt() throws IOException {
        green.close();
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", "{\"steps\":[{\"weight\":50,\"for\":\"1h\"}]}");

            for (int i = 0; i < 200 && !proxy.canary().isNull(); i++) {
                assertThat(client.get("/").text()).isEqualTo("blue");
            }

            assertThat(proxy.canary().isNull()).isTrue();
        }
    }

    @Test
    void stepsAreLeftByTheirRequestsAndTheLastOneSwitches() throws IOException {
        String steps =
                "{\"steps\":[{\"weight\":50,\"minRequests\":10},{\"pause\":true},{\"weight\":100,\"minRequests\":5}]}";
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", steps);
            for (int i = 0; i < 500 && proxy.canary().path("step").asInt() == 1; i++) {
                client.get("/");
            }
            JsonNode paused = proxy.canary();
            assertThat(paused.path("step").asInt()).isEqualTo(2);
            assertThat(paused.path("paused").asBoolean()).isTrue();
            assertThat(paused.path("weight").asDouble()).isEqualTo(50);
            assertThat(green.requestCount()).isGreaterThanOrEqualTo(10);
            assertThat(proxy.status().path("mode").asText()).isEqualTo("paused");

            proxy.order("/admin/canary/resume", "{}");
            for (int i = 0; i < 100 && !proxy.canary().isNull(); i++) {
                assertThat(client.get("/").text()).isEqualTo("green");
            }

            Await.until(
                    "the switch", () -> proxy.status().path("active").asText().equals("green"));
            assertThat(json(proxy.get("/admin/history")).findValuesAsText("action"))
                    .containsExactly("canary-promote", "canary-resume", "canary-step", "canary-start");
        }
    }

    @Test
    void stepWithoutRequestsNeitherFailsNorAdvances() throws IOException {
        try (RunningProxy proxy = plan().start()) {
            proxy.order(
                    "/admin/canary", "{\"steps\":[{\"weight\":50,\"minRequests\":1},{\"weight\":60,\"for\":\"1h\"}]}");

            // It is looked at ten times a second.
            Await.until(
                    "a second of it", () -> proxy.canary().path("inStepSeconds").asInt() >= 1);

            assertThat(proxy.canary().path("waitingFor").asText()).isEqualTo("0 s and 1 requests");
            assertThat(proxy.canary().path("step").asInt()).isEqualTo(1);
        }
    }

    @Test
    void everyCommandDoesItsPartAndSaysWhyNot() throws IOException {
        try (RunningProxy proxy = plan().start()) {
            assertRefused(proxy.post("/admin/canary/step", ""), 409, "no-release");
            assertRefused(proxy.post("/admin/confirm", ""), 409, "no-release");
            assertRefused(proxy.get("/admin/canary/judge"), 409, "no-release");
            assertRefused(proxy.post("/admin/canary", "{\"to\":\"blue\",\"weight\":1}"), 409, "pool-is-active");
            HttpResponse<String> bad = proxy.post(
                    "/admin/canary",
                    "{\"steps\":[{\"weight\":10.001},{\"pause\":true,\"for\":\"1s\"},{}],\"nonsense\":1}");
            assertThat(bad.statusCode()).isEqualTo(400);
            assertThat(bad.body()).contains("/steps/0/weight", "/steps/1/pause", "/steps/2/weight", "/nonsense");

            proxy.order(
                    "/admin/canary",
                    "{\"steps\":[{\"weight\":10,\"for\":\"1h\"},{\"weight\":20,\"for\":\"1h\"}],\"promote\":\"manual\"}");
            assertRefused(proxy.post("/admin/canary", HALF), 409, "release-in-progress");
            assertRefused(proxy.post("/admin/switch", ""), 409, "release-in-progress");
            assertThat(proxy.order("/admin/canary/pause", "{}")
                            .at("/canary/paused")
                            .asBoolean())
                    .isTrue();
            assertThat(proxy.order("/admin/canary/resume", "{}")
                            .at("/canary/paused")
                            .asBoolean())
                    .isFalse();
            assertThat(proxy.order("/admin/canary/step", "{}")
                            .at("/canary/weight")
                            .asDouble())
                    .isEqualTo(20);
            assertRefused(proxy.post("/admin/canary/step", ""), 409, "no-further-step");
            assertThat(json(proxy.command("PATCH", "/admin/canary", "{\"weight\":33.33}"))
                            .at("/canary/weight")
                            .asDouble())
                    .isEqualTo(33.33);
            assertThat(proxy.metrics().value("turnout_canary_weight")).isEqualTo(0.3333);
            assertThat(proxy.status().at("/pools/green/role").asText()).isEqualTo("canary");
            assertThat(proxy.order("/admin/canary/abort", "{}").path("canary").isNull())
                    .isTrue();
            assertThat(proxy.status().path("active").asText()).isEqualTo("blue");

            proxy.order("/admin/canary", NOBODY);
            JsonNode promoted = proxy.order("/admin/canary/promote", "{\"full\":true}");
            assertThat(promoted.path("to").asText()).isEqualTo("green");
            proxy.order("/admin/canary", "{\"weight\":5}");
            assertThat(proxy.order("/admin/rollback", "{}").path("to").asText()).isEqualTo("green");
            assertThat(proxy.status().path("release").isNull()).isTrue();
        }
    }

    @Test
    void canaryGoesOnAfterARestartWhereItWas() throws IOException {
        JsonNode before;
        try (RunningProxy proxy = plan().stateIn(folder.resolve("state.json")).start();
                RawClient client = proxy.client()) {
            proxy.order(
                    "/admin/canary",
                    "{\"steps\":[{\"weight\":1,\"for\":\"1h\"},{\"weight\":50,\"for\":\"1h\",\"minRequests\":100}]}");
            proxy.order("/admin/canary/step", "{}");
            for (int i = 0; i < 40; i++) {
                client.get("/");
            }
            proxy.order("/admin/canary/pause", "{}");
            Await.until("the requests to be saved", () -> isSaved(proxy));
            before = proxy.canary();
        }

        try (RunningProxy proxy = plan().stateIn(folder.resolve("state.json")).start()) {
            JsonNode after = proxy.canary();
            for (String part :
                    new String[] {"releaseId", "step", "weight", "paused", "startedAt", "seenInStep", "plan"}) {
                assertThat(after.path(part)).as(part).isEqualTo(before.path(part));
            }
            assertThat(proxy.status().path("mode").asText()).isEqualTo("paused");
        }
    }

    private boolean isSaved(RunningProxy proxy) {
        try {
            JsonNode state =
                    new ObjectMapper().readTree(folder.resolve("state.json").toFile());
            long seen = proxy.canary().path("seenInStep").asLong();
            return seen > 0 && state.at("/state/release/seenInStep").asLong() == seen;
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertRefused(HttpResponse<String> reply, int status, String type) {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
        assertThat(json(reply).path("type").asText()).endsWith("/" + type);
    }
}
