package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a warm-up does to backends and to nobody else, as the backends saw it, with the real Application. */
final class WarmUpIT {

    private static final String HI = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    private static final List<String> PATHS = List.of("/a", "/b?x=%20y", "/c");

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend first = RecordingBackend.start(request -> Answer.ok("first"));
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        gate.countDown();
        blue.close();
        first.close();
        second.close();
    }

    /** Two event loops, and connections that no slow machine outlives. */
    private RunningProxy.Plan plan() {
        return proxy().blue(blue)
                .green(first, second)
                .set("workers", 2)
                .set("balancer", "round-robin")
                .set("timeouts.backend-keep-alive", "1m")
                .set("warm-up.timeout", "1m")
                .set("warm-up.paths", PATHS);
    }

    private static Answer held(CountDownLatch until) {
        return new Answer(List.of(new Answer.Hold(until))).thenSend(HI);
    }

    @Test
    void backendsAreAskedInTurnAndTheirConnectionsServeTheFirstUsers() throws Exception {
        Path accessLog = folder.resolve("access.log");
        try (RunningProxy proxy = plan().set("warm-up.connections", 2)
                .set("warm-up.requests", 6)
                .set("access-log.enabled", true)
                .set("access-log.file", accessLog.toString())
                .start()) {
            JsonNode warmUp = proxy.order("/admin/switch", "{\"to\":\"green\"}").path("warmUp");

            assertThat(warmUp.path("tookMs").asDouble()).isPositive();
            assertThat(warmUp.toString())
                    .startsWith("{\"backends\":2,\"connections\":8,\"requests\":12,\"failed\":0,\"tookMs\":")
                    .endsWith(",\"failures\":[]}");
            for (RecordingBackend backend : List.of(first, second)) {
                assertThat(backend.requests()).hasSize(6).allSatisfy(request -> {
                    assertThat(request.method()).isEqualTo("GET");
                    assertThat(request.field("Host")).isEqualTo(backend.address());
                    assertThat(request.field("User-Agent")).isEqualTo("turnout-warm-up");
                    assertThat(request.field("X-Turnout-Warm-Up")).isEqualTo("1");
                });
                Map<Integer, List<String>> rows = backend.requests().stream()
                        .collect(groupingBy(RecordedRequest::connection, mapping(RecordedRequest::target, toList())));
                assertThat(rows.values()).containsExactly(PATHS, PATHS);
                Await.until("its connections", () -> backend.acceptedConnections() == 4);
            }
            assertThat(proxy.status().at("/pools/green/backends/0/connections").asInt())
                    .isEqualTo(4);
            assertThat(blue.requestCount()).isZero();

            for (int i = 0; i < 20; i++) {
                try (RawClient client = proxy.client()) {
                    assertThat(client.get("/user").text()).isIn("first", "second");
                }
            }

            assertThat(first.requestCount() + second.requestCount()).isEqualTo(12 + 20);
            assertThat(first.acceptedConnections()).isEqualTo(4);
            assertThat(second.acceptedConnections()).isEqualTo(4);
            // Nothing of it is among the requests of users.
            assertThat(proxy.metrics().value("turnout_warm_up_requests_total{colour=\"green\",result=\"ok\"}"))
                    .isEqualTo(12);
            assertThat(proxy.metrics()
                            .value("turnout_requests_total{code_class=\"2xx\",colour=\"green\",source=\"backend\"}"))
                    .isEqualTo(20);
            for (RecordingBackend backend : List.of(first, second)) {
                assertThat(proxy.metrics()
                                .value("turnout_backend_requests_total{backend=\"" + backend.address()
                                        + "\",code_class=\"2xx\",colour=\"green\"}"))
                        .isEqualTo(10);
            }
        }
        assertThat(Files.readAllLines(accessLog)).hasSize(20).allMatch(line -> line.contains("/user"));
    }

    @Test
    void poolUnderAnOrderToDrainIsWarmedAndStaysDrained() throws Exception {
        try (RunningProxy proxy = plan().set("warm-up.connections", 1)
                .set("warm-up.requests", 2)
                .set("warm-up.host", "shop.example")
                .start()) {
            proxy.order("/admin/switch", "{\"to\":\"green\",\"warmUp\":false}");
            assertThat(first.requestCount() + second.requestCount()).isZero();
            blue.behave(request -> held(gate));

            CompletableFuture<JsonNode> warmUp =
                    CompletableFuture.supplyAsync(() -> proxy.order("/admin/pools/blue/warm-up", ""));
            Await.until("both event loops ask", () -> blue.requestCount() == 2);
            JsonNode pool = proxy.status().at("/pools/blue");
            gate.countDown();

            assertThat(pool.path("drained").asBoolean()).isTrue();
            assertThat(pool.path("inFlight").asInt()).isZero();
            assertThat(pool.at("/drain/state").asText()).isEqualTo("drained");
            assertThat(warmUp.get().path("connections").asInt()).isEqualTo(2);
            assertThat(blue.requests())
                    .allSatisfy(request -> assertThat(request.field("Host")).isEqualTo("shop.example"));
            assertThat(proxy.status().at("/pools/blue/drained").asBoolean()).isTrue();
            // Nobody came: the server is the operator's again.
            Await.until("they are closed", () -> blue.openConnections() == 0);
            assertThat(blue.faults()).isEmpty();
        }
    }

    @Test
    void poolWithTrafficIsWarmedToo() throws Exception {
        try (RunningProxy proxy =
                plan().set("warm-up.connections", 3).set("warm-up.requests", 4).start()) {
            assertThat(proxy.order("/admin/pools/blue/warm-up", "{\"dryRun\":true}")
                            .toString())
                    .isEqualTo("{\"backends\":1,\"connections\":6,\"requests\":4}");
            assertThat(blue.acceptedConnections()).isZero();
            assertThat(proxy.post("/admin/pools/blue/warm-up", "{\"reason\":\"a\"}")
                            .statusCode())
                    .isEqualTo(400);

            assertThat(proxy.order("/admin/pools/blue/warm-up", "{}")
                            .path("connections")
                            .asInt())
                    .isEqualTo(6);
            // What is there is not opened again.
            assertThat(proxy.order("/admin/pools/blue/warm-up", "")
                            .path("connections")
                            .asInt())
                    .isZero();
            assertThat(blue.requestCount()).isEqualTo(8);
            assertThat(proxy.status().path("revision").asInt()).isEqualTo(1);
            assertThat(json(proxy.get("/admin/history"))).isEmpty();
        }
    }

    @Test
    void onlyUsableBackendsAreWarmed() throws Exception {
        try (RunningProxy proxy = plan().set("warm-up.requests", 4).start()) {
            proxy.order("/admin/pools/green/backends/" + first.address() + "/drain", "");

            assertThat(proxy.order("/admin/pools/green/warm-up", "")
                            .path("backends")
                            .asInt())
                    .isEqualTo(1);

            assertThat(first.requestCount()).isZero();
            assertThat(second.requestCount()).isEqualTo(4);
        }
    }

    @Test
    void backendWithoutAnAnswerFailsInTimeAndTheOthersAreWarmAllTheSame() throws Exception {
        first.behave(request -> held(gate));
        try (RunningProxy proxy = plan().set("warm-up.connections", 2)
                .set("warm-up.requests", 10)
                .set("warm-up.timeout", "3s")
                .start()) {
            JsonNode warmUp = proxy.order("/admin/pools/green/warm-up", "");

            assertThat(warmUp.path("failed").asInt()).isEqualTo(10);
            assertThat(warmUp.path("failures"))
                    .extracting(JsonNode::asText)
                    .containsExactly(
                            first.address() + " GET /a: no whole answer within 3000 ms, and 4 more were not sent",
                            first.address() + " GET /c: no whole answer within 3000 ms, and 4 more were not sent");
            assertThat(second.requestCount()).isEqualTo(10);
            Await.until("its connections", () -> second.acceptedConnections() == 4);
            assertThat(proxy.metrics().value("turnout_warm_up_requests_total{colour=\"green\",result=\"failed\"}"))
                    .isEqualTo(10);
            assertThat(proxy.metrics().value("turnout_warm_up_requests_total{colour=\"green\",result=\"ok\"}"))
                    .isEqualTo(10);
        }
    }

    @Test
    void backendThatIsNotThereFailsAtOnce() throws Exception {
        first.close();
        try (RunningProxy proxy = plan().set("workers", 1)
                .set("warm-up.connections", 2)
                .set("warm-up.requests", 5)
                .start()) {
            JsonNode warmUp = proxy.order("/admin/pools/green/warm-up", "");

            assertThat(warmUp.path("failed").asInt()).isEqualTo(5);
            assertThat(warmUp.at("/failures/0").asText())
                    .startsWith(first.address() + " GET /a: no connection: ")
                    .contains("connection refused")
                    .endsWith(", and 4 more were not sent");
            assertThat(warmUp.path("connections").asInt()).isEqualTo(2);
        }
        try (RunningProxy proxy =
                plan().set("workers", 1).set("warm-up.connections", 40).start()) {
            JsonNode warmUp = proxy.order("/admin/pools/green/warm-up", "");

            // One that fails is enough.
            assertThat(warmUp.path("failed").asInt()).isEqualTo(1);
            assertThat(warmUp.at("/failures/0").asText()).startsWith(first.address() + ": no connection: ");
            assertThat(warmUp.path("connections").asInt()).isEqualTo(40);
            Await.until("the others are there", () -> second.acceptedConnections() == 42);
        }
    }

    @Test
    void backendHasNoMoreConnectionsThanItMayHave() throws Exception {
        try (RunningProxy proxy = plan().set("workers", 3)
                .set("backend-limits.connections", 2)
                .set("warm-up.connections", 4)
                .set("warm-up.requests", 9)
                .start()) {
            JsonNode warmUp = proxy.order("/admin/pools/green/warm-up", "");

            assertThat(warmUp.path("failed").asInt()).isZero();
            assertThat(first.requestCount()).isEqualTo(9);
            Await.until("its connections", () -> first.acceptedConnections() == 2);
            Await.until("its connections", () -> second.acceptedConnections() == 2);
            assertThat(warmUp.path("connections").asInt()).isEqualTo(4);
        }
    }

    @Test
    void noMoreIsOpenedThanClientsCouldUse() throws Exception {
        try (RunningProxy proxy = plan().set("limits.connections", 6)
                .set("warm-up.connections", 50)
                .start()) {
            assertThat(proxy.order("/admin/pools/blue/warm-up", "")
                            .path("connections")
                            .asInt())
                    .isEqualTo(6);
            Await.until("they are there", () -> blue.acceptedConnections() == 6);
        }
    }

    @Test
    void usersNeverWaitForAConnectionThatAWarmUpHas() throws Exception {
        blue.behave(request -> request.field("X-Turnout-Warm-Up").isEmpty() ? Answer.ok("blue") : held(gate));
        try (RunningProxy proxy = plan().set("workers", 1)
                        .set("backend-limits.connections", 1)
                        .set("warm-up.requests", 3)
                        .set("warm-up.timeout", "5m")
                        .start();
                RawClient client = proxy.client()) {
            CompletableFuture<JsonNode> warmUp =
                    CompletableFuture.supplyAsync(() -> proxy.order("/admin/pools/blue/warm-up", ""));
            Await.until("the only connection is taken", () -> blue.requestCount() == 1);

            assertThat(client.get("/user").text()).isEqualTo("blue");

            assertThat(warmUp.get().path("failed").asInt()).isEqualTo(3);
            assertThat(warmUp.get().at("/failures/0").asText())
                    .isEqualTo(blue.address() + " GET /a: gave way to requests of users, and 2 more were not sent");
        }
    }

    @Test
    void connectionsThatNameTheirClientAreUsedOnce() throws Exception {
        try (RunningProxy proxy = proxy().blueAt(blue.address())
                .set("workers", 1)
                .set("pools.blue.proxy-protocol", "v1")
                .set("warm-up.connections", 2)
                .set("warm-up.requests", 2)
                .set("warm-up.paths", List.of("/a"))
                .start()) {
            JsonNode warmUp = proxy.order("/admin/pools/blue/warm-up", "");

            // The fixture takes the header for a request that is none, and ends the connection.
            assertThat(blue.faults()).hasSize(2).allMatch(fault -> fault.contains("PROXY UNKNOWN"));
            assertThat(blue.acceptedConnections()).isEqualTo(2);
            assertThat(warmUp.path("failed").asInt()).isEqualTo(2);
        }
    }
}
