package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client may make Turnout hold or do, over real sockets. */
final class LimitsIT {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue = RecordingBackend.start(this::answer);

    private Answer answer(RecordedRequest request) {
        return request.target().equals("/held")
                ? new Answer(List.of()).thenHold(gate).thenSend("HTTP/1.1 204 No Content\r\n\r\n")
                : Answer.ok("ok");
    }

    @AfterEach
    void closeBackend() {
        gate.countDown();
        blue.close();
    }

    @Test
    void bodyOfExactlyTheLimitPassesInEitherFraming() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).set("limits.body", 6).start();
                RawClient client = proxy.client()) {
            assertThat(client.post("/", "foobar").status()).isEqualTo(200);
            assertThat(client.postChunked("/", List.of("foo", "bar")).status()).isEqualTo(200);

            assertThat(blue.requests()).extracting(RecordedRequest::text).containsExactly("foobar", "foobar");
        }
    }

    @Test
    void bodyThatIsAnnouncedTooLongIsRefusedBeforeItIsSent() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).set("limits.body", 6).start();
                RawClient client = proxy.client()) {
            client.send(client.request("POST", "/", "Content-Length: 7", "Expect: 100-continue") + "\r\n");

            Response refused = client.read();
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("body-too-large");
            assertThat(refused.field("Connection")).isEqualTo("close");
            assertThat(client.closedByPeer()).isTrue();
            assertThat(blue.requests()).isEmpty();
        }
    }

    @Test
    void clientThatIsStillSendingCanReadThatItsBodyIsTooLarge() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).set("limits.body", "64KiB").start();
                RawClient client = proxy.client()) {
            Response refused = client.postChunked("/", Collections.nCopies(300, "x".repeat(1024)));

            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("body-too-large");
            assertThat(client.closedByPeer()).isTrue();
            assertThat(blue.requests()).isEmpty();
            Await.until("counted", () -> errors(proxy, "blue", "body-too-large") == 1);
            proxy.awaitBlueInFlight(0);
        }
    }

    @Test
    void connectionEndsWithItsLastRequest() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .set("limits.requests-per-connection", 2)
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").fields().has("Connection")).isFalse();

            assertThat(client.get("/").field("Connection")).isEqualTo("close");

            assertThat(client.closedByPeer()).isTrue();
        }
    }

    @Test
    void oneAddressHasSoManyConnectionsAndNoMore() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .set("limits.connections-per-address", 1)
                        .start();
                RawClient first = proxy.client()) {
            assertThat(first.get("/").status()).isEqualTo(200);

            try (RawClient second = proxy.client()) {
                Response refused = second.read();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.field("X-Turnout-Error")).isEqualTo("too-many-connections-of-address");
                assertThat(second.closedByPeer()).isTrue();
            }
            assertThat(errors(proxy, "none", "too-many-connections-of-address")).isEqualTo(1);

            first.reset();
            Await.until("there is room again", () -> isServed(proxy));
        }
    }

    @Test
    void requestsOverTheLimitInFlightAreToldToComeAgain() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).set("limits.in-flight", 1).start();
                RawClient first = proxy.client();
                RawClient second = proxy.client()) {
            first.send(first.request("GET", "/held") + "\r\n");
            proxy.awaitBlueInFlight(1);

            Response refused = second.get("/");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("too-many-in-flight");
            assertThat(refused.field("Retry-After")).isEqualTo("1");
            gate.countDown();

            assertThat(first.readFinal("GET").status()).isEqualTo(204);
            assertThat(second.get("/").status()).isEqualTo(200);
        }
    }

    /** Two for both together, and not for each; with one worker they are all of one event loop. */
    @Test
    void soManyIdleConnectionsToAllBackendsAreKeptAndNoMore() throws IOException {
        List<RawClient> clients = new ArrayList<>();
        try (RecordingBackend other = RecordingBackend.start(this::answer);
                RunningProxy proxy = proxy().blue(blue, other)
                        .set("balancer", "round-robin")
                        .set("workers", 1)
                        .set("limits.backend-idle-total", 2)
                        .start()) {
            for (int i = 0; i < 6; i++) {
                RawClient client = proxy.client();
                clients.add(client);
                client.send(client.request("GET", "/held") + "\r\n");
                proxy.awaitBlueInFlight(i + 1);
            }
            Await.until("all have one", () -> blue.openConnections() == 3 && other.openConnections() == 3);
            gate.countDown();
            for (RawClient client : clients) {
                assertThat(client.readFinal("GET").status()).isEqualTo(204);
            }

            Await.until("two are left", () -> blue.openConnections() + other.openConnections() == 2);
            for (RawClient client : clients) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void addressThatAsksTooOftenIsToldSoOverEachOfItsConnections() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .set("rate-limit.enabled", true)
                        .set("rate-limit.requests-per-second", 1)
                        .set("rate-limit.burst", 1)
                        .start();
                RawClient one = proxy.client();
                RawClient other = proxy.client()) {
            assertThat(one.get("/").status()).isEqualTo(200);

            // A token comes each second: on a slow machine the very next request may have found one.
            Response refused = other.get("/");
            for (int i = 0; i < 100 && refused.status() == 200; i++) {
                refused = (i % 2 == 0 ? one : other).get("/");
            }

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("rate-limited");
            assertThat(refused.field("Retry-After")).isEqualTo("1");
            assertThat(refused.fields().has("Connection")).isFalse();
        }
    }

    private static boolean isServed(RunningProxy proxy) {
        try (RawClient client = proxy.client()) {
            return client.get("/").status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static double errors(RunningProxy proxy, String colour, String error) {
        return proxy.metrics()
                .series()
                .getOrDefault("turnout_proxy_errors_total{colour=\"" + colour + "\",error=\"" + error + "\"}", 0.0);
    }
}
