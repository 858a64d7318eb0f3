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
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** Who counts as usable, and what that means for traffic and for a switch. */
final class HealthIT {

    /** A server whose n-th probe (from 0) is answered with a status of the test's choice. */
    private static final class Probed implements AutoCloseable {
        private final AtomicInteger probes = new AtomicInteger();
        private volatile IntUnaryOperator status;
        private final RecordingBackend backend;

        Probed(String name, IntUnaryOperator status) {
            this.status = status;
            this.backend = RecordingBackend.start(request -> request.target().equals("/ready?deep=1")
                    ? Answer.of(this.status.applyAsInt(probes.getAndIncrement()), "")
                    : Answer.ok(name));
        }

        void answer(int always) {
            status = probe -> always;
        }

        void die() {
            backend.close();
        }

        long traffic() {
            return backend.requestCount() - probes.get();
        }

        @Override
        public void close() {
            die();
        }
    }

    @Test
    void firstRoundIsOverBeforeTheFirstRequest() throws IOException {
        try (Probed blue = new Probed("blue", probe -> 204);
                RunningProxy proxy = checked(blue).start();
                RawClient client = proxy.client()) {

            assertThat(client.get("/").text()).isEqualTo("blue");

            assertThat(proxy.status().at("/pools/blue/usable").asInt()).isEqualTo(1);
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void answerThatIsNotExpectedKeepsABackendDown() throws IOException {
        try (Probed blue = new Probed("blue", probe -> 200);
                RunningProxy proxy = checked(blue).start();
                RawClient client = proxy.client()) {
            Await.until("some probes are over", () -> blue.probes.get() >= 3);

            JsonNode backend = proxy.status().at("/pools/blue/backends/0");
            assertThat(backend.at("/up").asBoolean(true)).isFalse();
            assertThat(backend.at("/lastProbe/detail").asText()).contains("200");
            assertThat(backend.at("/lastProbe/statusCode").asInt()).isEqualTo(200);
            assertThat(client.get("/").field("X-Turnout-Error")).isEqualTo("no-backend");
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(503);

            blue.answer(204);
            awaitHealthy(proxy, "blue", 1);
            assertThat(client.get("/").text()).isEqualTo("blue");
        }
    }

    @Test
    void trafficAvoidsABackendThatIsDownAndComesBack() throws IOException {
        try (Probed steady = new Probed("steady", probe -> 204);
                Probed shaky = new Probed("shaky", probe -> 204);
                RunningProxy proxy =
                        checked(steady, shaky).set("balancer", "round-robin").start();
                RawClient client = proxy.client()) {
            awaitHealthy(proxy, "blue", 2);

            shaky.answer(503);
            awaitHealthy(proxy, "blue", 1);
            long before = shaky.traffic();
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/").text()).isEqualTo("steady");
            }
            assertThat(shaky.traffic()).isEqualTo(before);
            assertThat(proxy.metrics()
                            .value("turnout_backend_up{backend=\"" + shaky.backend.address() + "\",colour=\"blue\"}"))
                    .isZero();

            shaky.answer(204);
            awaitHealthy(proxy, "blue", 2);
            Await.until("it has traffic again", () -> {
                askOnce(client);
                return shaky.traffic() > before;
            });
        }
    }

    @Test
    void fewerFailuresThanFallChangeNothing() {
        // Two failures, one success, again and again: never three in a row.
        try (Probed blue = new Probed("blue", probe -> probe % 3 == 0 ? 204 : 503);
                RunningProxy proxy =
                        checked(blue).set("health.interval", "10ms").start()) {
            awaitHealthy(proxy, "blue", 1);
            JsonNode since = proxy.status().at("/pools/blue/backends/0/since");

            Await.until("many probes are over", () -> blue.probes.get() >= 30);

            assertThat(proxy.status().at("/pools/blue/backends/0/up").asBoolean())
                    .isTrue();
            assertThat(proxy.status().at("/pools/blue/backends/0/since")).isEqualTo(since);
        }
    }

    @Test
    void fewerSuccessesThanRiseChangeNothing() {
        // Up at first, then down, then never two successes in a row.
        try (Probed blue = new Probed("blue", probe -> probe == 0 || (probe > 5 && probe % 2 == 0) ? 204 : 503);
                RunningProxy proxy =
                        checked(blue).set("health.interval", "10ms").start()) {
            awaitHealthy(proxy, "blue", 0);
            JsonNode since = proxy.status().at("/pools/blue/backends/0/since");

            int seen = blue.probes.get();
            Await.until("many more probes are over", () -> blue.probes.get() >= seen + 20);

            assertThat(proxy.status().at("/pools/blue/usable").asInt()).isZero();
            assertThat(proxy.status().at("/pools/blue/backends/0/since")).isEqualTo(since);
        }
    }

    @Test
    void idlePoolIsProbedAndASwitchToADeadOneRefusedUnlessForced() throws IOException {
        try (Probed blue = new Probed("blue", probe -> 204);
                Probed green = new Probed("green", probe -> 204);
                RunningProxy proxy = checked(blue).green(green.backend).start();
                RawClient client = proxy.client()) {
            awaitHealthy(proxy, "green", 1);
            green.die();
            awaitHealthy(proxy, "green", 0);

            HttpResponse<String> refused = proxy.post("/admin/switch", "{\"to\":\"green\"}");

            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.headers().firstValue("X-Turnout-Error")).contains("no-usable-backend");
            assertThat(json(refused).at("/type").asText()).endsWith("/no-usable-backend");
            assertThat(json(refused).at("/detail").asText())
                    .contains(green.backend.address())
                    .contains("connection refused");
            assertThat(client.get("/").text()).isEqualTo("blue");

            HttpResponse<String> forced = proxy.post("/admin/switch", "{\"to\":\"green\",\"force\":true}");

            assertThat(forced.statusCode()).isEqualTo(200);
            assertThat(client.get("/").field("X-Turnout-Error")).isEqualTo("no-backend");
        }
    }

    @Test
    void emptyPoolIsNoTargetOfASwitch() {
        try (Probed blue = new Probed("blue", probe -> 204);
                RunningProxy proxy = checked(blue).start()) {

            HttpResponse<String> refused = proxy.post("/admin/switch", "");

            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).at("/detail").asText()).contains("green has no backends");
        }
    }

    @Test
    void connectingIsEnoughForATcpProbe() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
                RunningProxy proxy = proxy().blue(blue)
                        .set("health.kind", "tcp")
                        .set("health.interval", "20ms")
                        .set("health.fall", 2)
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");

            blue.stopListening();

            awaitHealthy(proxy, "blue", 0);
            assertThat(blue.requestCount()).isEqualTo(1);
        }
    }

    private static RunningProxy.Plan checked(Probed... blue) {
        RecordingBackend[] backends =
                List.of(blue).stream().map(each -> each.backend).toArray(RecordingBackend[]::new);
        return proxy().blue(backends)
                .set("health.kind", "http")
                .set("health.interval", "20ms")
                .set("health.rise", 2)
                .set("health.fall", 3)
                .set("health.path", "/ready?deep=1")
                .set("health.expected-status", List.of("204"));
    }

    private static void askOnce(RawClient client) {
        try {
            client.get("/");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitHealthy(RunningProxy proxy, String colour, int count) {
        Await.until(
                count + " healthy in " + colour,
                () -> proxy.status().at("/pools/" + colour + "/usable").asInt(-1) == count);
    }
}
