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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sticky sessions by cookie, with the real Application. */
final class StickyIT {

    private final RecordingBackend first = RecordingBackend.start(request -> Answer.ok("first"));
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));
    private final RecordingBackend third = RecordingBackend.start(request -> Answer.ok("third"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        first.close();
        second.close();
        third.close();
        green.close();
    }

    private RunningProxy.Plan plan() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "a secret of the test, and no other\n");
        return proxy().blue(first, second, third)
                .green(green)
                .set("balancer", "round-robin")
                .set("sticky.enabled", "on")
                .set("sticky.secret-file", secret.toString());
    }

    @Test
    void userStaysWithOneBackendAndOthersAreElsewhere() throws Exception {
        String cookie;
        String backend;
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            Response answer = client.get("/");
            backend = answer.text();
            cookie = cookieOf(answer);
            assertThat(answer.field("Set-Cookie"))
                    .matches("turnout_backend=[0-9a-f]{24}; Path=/; HttpOnly; SameSite=Lax");
            for (int i = 0; i < 50; i++) {
                try (RawClient other = i % 10 == 0 ? proxy.client() : null) {
                    Response again = (other == null ? client : other).get("/", "Cookie: a=b; " + cookie + "; c=d");
                    assertThat(again.text()).isEqualTo(backend);
                    assertThat(again.field("Set-Cookie")).isEmpty();
                }
            }
            String value = cookie.substring(cookie.indexOf('=') + 1);
            for (String cookies : List.of(
                    "turnout_backend=left-over; " + cookie,
                    "turnout_backend=; turnout_backend=\"\"; " + cookie,
                    "turnout_backend=\"" + value + "\"")) {
                for (int i = 0; i < 6; i++) {
                    Response again = client.get("/", "Cookie: " + cookies);
                    assertThat(again.text()).as(cookies).isEqualTo(backend);
                    assertThat(again.field("Set-Cookie")).as(cookies).isEmpty();
                }
            }
            String many = "turnout_backend=x; ".repeat(20) + cookie;
            assertThat(client.get("/", "Cookie: " + many).field("Set-Cookie")).startsWith("turnout_backend=");
            Set<String> others = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                others.add(client.get("/").text());
            }
            assertThat(others).hasSize(3);
            Response forged = client.get("/", "Cookie: turnout_backend=" + first.address());
            assertThat(forged.field("Set-Cookie")).startsWith("turnout_backend=");
        }
        // Another instance, or the next process, knows the user too.
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.get("/", "Cookie: " + cookie).text()).isEqualTo(backend);
            }
        }
    }

    @Test
    void whenItsBackendIsGoneTheUserGetsAnother() throws Exception {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            Response answer = client.get("/");
            String cookie = cookieOf(answer);
            RecordingBackend own =
                    answer.text().equals("first") ? first : answer.text().equals("second") ? second : third;
            assertThat(proxy.post("/admin/pools/blue/backends/" + own.address() + "/drain", "{}")
                            .statusCode())
                    .isEqualTo(200);
            Response moved = client.get("/", "Cookie: " + cookie);
            assertThat(moved.status()).isEqualTo(200);
            assertThat(moved.text()).isNotEqualTo(answer.text());
            assertThat(cookieOf(moved)).isNotEqualTo(cookie);
            for (int i = 0; i < 6; i++) {
                assertThat(client.get("/", "Cookie: " + cookieOf(moved)).text()).isEqualTo(moved.text());
            }
        }
    }

    @Test
    void killedBackendLosesNoRequestOfItsUsers() throws Exception {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            Response answer = client.get("/");
            (answer.text().equals("first") ? first : answer.text().equals("second") ? second : third).close();
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/", "Cookie: " + cookieOf(answer)).status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void switchWinsOverTheCookie() throws Exception {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            String cookie = cookieOf(client.get("/"));
            proxy.switchTo(Colour.GREEN);
            Response answer = client.get("/", "Cookie: " + cookie);
            assertThat(answer.text()).isEqualTo("green");
            assertThat(cookieOf(answer)).isNotEqualTo(cookie);
        }
    }

    @Test
    void poolThatKeepsItsUsersHasThemUntilItIsDrained() throws Exception {
        try (RunningProxy proxy =
                        plan().set("pools.blue.sticky-across-switch", "on").start();
                RawClient client = proxy.client()) {
            Response answer = client.get("/");
            String cookie = cookieOf(answer);
            proxy.switchTo(Colour.GREEN);
            for (int i = 0; i < 10; i++) {
                assertThat(client.get("/", "Cookie: " + cookie).text()).isEqualTo(answer.text());
                assertThat(client.get("/").text()).isEqualTo("green");
            }
            assertThat(proxy.metrics().value("turnout_routed_requests_total{colour=\"blue\",routed=\"sticky\"}"))
                    .isEqualTo(10);
            // Nobody is to take it for a pool that may be stopped.
            assertThat(proxy.status().at("/mode").asText()).isEqualTo("draining");
            assertThat(proxy.status().at("/pools/blue/keepsUsers").asBoolean()).isTrue();
            assertThat(proxy.status().at("/pools/green/keepsUsers").asBoolean()).isFalse();
            assertThat(proxy.get("/admin/pools/blue/role").body()).isEqualTo("draining\n");
            assertThat(proxy.post("/admin/pools/blue/drain", "{}").statusCode()).isEqualTo(200);
            assertThat(client.get("/", "Cookie: " + cookie).text()).isEqualTo("green");
            assertThat(proxy.status().at("/pools/blue/keepsUsers").asBoolean()).isFalse();
            assertThat(proxy.get("/admin/pools/blue/role").body()).isEqualTo("idle\n");
            // For good: the next version may be there by now, and be looked at by nobody but operators.
            proxy.order("/admin/pools/blue/undrain", "{}");
            assertThat(client.get("/", "Cookie: " + cookie).text()).isEqualTo("green");
            assertThat(proxy.get("/admin/pools/blue/role").body()).isEqualTo("idle\n");
        }
    }

    @Test
    void rollbackTakesEverybodyBack() throws Exception {
        try (RunningProxy proxy =
                        plan().set("pools.green.sticky-across-switch", "on").start();
                RawClient client = proxy.client()) {
            proxy.switchTo(Colour.GREEN);
            String cookie = cookieOf(client.get("/"));
            assertThat(proxy.post("/admin/rollback", "{}").statusCode()).isEqualTo(200);
            assertThat(client.get("/", "Cookie: " + cookie).text()).isNotEqualTo("green");
            Await.until(
                    "green is drained",
                    () -> proxy.status().at("/pools/green/drained").asBoolean());
        }
    }

    /** The other colour's answer, for what the own one did not have or failed at, is no reason to move there. */
    @Test
    void answerOfTheOtherColourSetsNoCookie() throws Exception {
        green.behave(request -> request.target().equals("/") ? Answer.ok("green") : Answer.of(404, "not here"));
        try (RunningProxy proxy = plan().set("pools.blue.sticky-across-switch", "on")
                        .set("asset-fallback", List.of("/assets/*.js"))
                        .start();
                RawClient client = proxy.client()) {
            proxy.switchTo(Colour.GREEN);
            String cookie = cookieOf(client.get("/"));
            Response asset = client.get("/assets/a.js", "Cookie: " + cookie);
            assertThat(asset.text()).isIn("first", "second", "third");
            assertThat(asset.field("Set-Cookie")).isEmpty();
            assertThat(client.get("/assets/a.js").field("Set-Cookie")).isEmpty();
            Response page = client.get("/", "Cookie: " + cookie);
            assertThat(page.text()).isEqualTo("green");
            assertThat(page.field("Set-Cookie")).isEmpty();
        }
        green.behave(request -> Answer.of(500, "broken"));
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            String cookie = cookieOf(client.get("/"));
            proxy.order("/admin/canary", "{\"weight\":100,\"sticky\":{\"by\":[\"address\"]}}");
            Response saved = client.get("/", "Cookie: " + cookie);
            assertThat(saved.status()).isEqualTo(200);
            assertThat(saved.field("Set-Cookie")).isEmpty();
        }
    }

    private static String cookieOf(Response answer) {
        String field = answer.field("Set-Cookie");
        return field.substring(0, field.indexOf(';'));
    }
}
