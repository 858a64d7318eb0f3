package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must be the same whatever the sockets are made of, with connections on several event loops. */
final class TransportIT {

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void switchMovesEveryConnectionAndDrainsTheOldPool(String transport) throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        try (RecordingBackend blue = RecordingBackend.start(request -> request.target()
                                .equals("/held")
                        ? Answer.head(200, "Content-Length: 4").thenHold(gate).thenSend("blue")
                        : Answer.ok("blue"));
                RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));
                RunningProxy proxy = on(transport).blue(blue).green(green).start();
                RawClient held = proxy.client()) {
            assertThat(proxy.transport()).isEqualTo(transport);
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                RawClient client = proxy.client();
                clients.add(client);
                assertThat(client.get("/").text()).isEqualTo("blue");
            }
            held.send(held.request("GET", "/held") + "\r\n");
            proxy.awaitBlueInFlight(1);

            proxy.switchTo(Colour.GREEN);

            for (RawClient client : clients) {
                assertThat(client.get("/").text()).isEqualTo("green");
                client.close();
            }
            proxy.awaitBlueInFlight(1);
            gate.countDown();
            assertThat(held.readFinal("GET").text()).isEqualTo("blue");
            proxy.awaitBlueInFlight(0);
            assertThat(blue.requestCount()).isEqualTo(17);
            assertThat(green.requestCount()).isEqualTo(16);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void clientThatResetsAmidAnAnswerFreesItsBackend(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request ->
                        Answer.head(200, "Content-Length: 4").thenSend("ha").thenHold(new CountDownLatch(1)));
                RunningProxy proxy = on(transport).blue(blue).start()) {
            RawClient client = proxy.client();
            client.send(client.request("GET", "/") + "\r\n");
            Await.until("the answer has begun", () -> client.hasUnread());

            client.reset();

            proxy.awaitBlueInFlight(0);
            Await.until("the backend connection is closed", () -> blue.openConnections() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"least-requests,io_uring", "least-requests,nio", "round-robin,epoll"})
    void bothBackendsOfAPoolWork(String balancer, String transport) throws IOException {
        try (RecordingBackend one = RecordingBackend.start(request -> Answer.ok("one"));
                RecordingBackend two = RecordingBackend.start(request -> Answer.ok("two"));
                RunningProxy proxy =
                        on(transport).set("balancer", balancer).blue(one, two).start();
                RawClient client = proxy.client()) {

            for (int i = 0; i < 100; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }

            assertThat(one.requestCount() + two.requestCount()).isEqualTo(100);
            if (balancer.equals("round-robin")) {
                assertThat(one.requestCount()).isEqualTo(50);
            } else {
                // By chance alone: less than 10 of 100 comes once in 10^17 runs.
                assertThat(one.requestCount()).isBetween(10L, 90L);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"least-requests", "round-robin"})
    void weightDecidesAndNoWeightMeansNothing(String balancer) throws IOException {
        try (RecordingBackend light = RecordingBackend.start(request -> Answer.ok("light"));
                RecordingBackend heavy = RecordingBackend.start(request -> Answer.ok("heavy"));
                RecordingBackend none = RecordingBackend.start(request -> Answer.ok("none"));
                RunningProxy proxy = proxy().set("balancer", balancer)
                        .set("pools.blue.backends", List.of(weighted(light, 1), weighted(heavy, 3), weighted(none, 0)))
                        .start();
                RawClient client = proxy.client()) {

            for (int i = 0; i < 200; i++) {
                client.get("/");
            }

            assertThat(none.requestCount()).isZero();
            assertThat(light.requestCount() + heavy.requestCount()).isEqualTo(200);
            assertThat(heavy.requestCount()).isGreaterThan(light.requestCount());
        }
    }

    private static Map<String, Object> weighted(RecordingBackend backend, int weight) {
        return Map.of("address", backend.address(), "weight", weight);
    }

    private static RunningProxy.Plan on(String transport) {
        return proxy().set("transport", transport).set("workers", 2).set("timeouts.shutdown", "1s");
    }
}
