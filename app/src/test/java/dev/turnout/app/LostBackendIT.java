package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of a request that a backend took and did not answer: it may be what backends die of. */
final class LostBackendIT {

    @Test
    void whatABackendTakesAndDoesNotAnswerIsTriedAtAnotherOne() throws IOException {
        for (Answer end : List.of(Answer.close(), Answer.reset())) {
            try (RecordingBackend ill = RecordingBackend.start(request -> end);
                    RecordingBackend well = RecordingBackend.start(request -> Answer.ok("well " + request.text()));
                    RunningProxy proxy = proxy().blue(ill, well)
                            .set("workers", 1)
                            .set("balancer", "round-robin")
                            .set("outlier-detection.local-errors", 100)
                            .start();
                    RawClient client = proxy.client()) {

                for (int i = 0; i < 10; i++) {
                    client.send(client.request("PUT", "/", "Content-Length: 1") + "\r\n" + i);
                    assertThat(client.read().text()).isEqualTo("well " + i);
                }

                assertThat(proxy.metrics().value("turnout_retries_total{colour=\"blue\",reason=\"backend-closed\"}"))
                        .isEqualTo((double) ill.requestCount())
                        .isPositive();
            }
        }
    }

    @Test
    void whatTwoBackendsDidNotAnswerIsNotGivenToAThird() throws IOException {
        try (RecordingBackend one = RecordingBackend.start(request -> Answer.reset());
                RecordingBackend two = RecordingBackend.start(request -> Answer.reset());
                RecordingBackend three = RecordingBackend.start(request -> Answer.reset());
                RunningProxy proxy = proxy().blue(one, two, three)
                        .set("retries.attempts", 10)
                        .start();
                RawClient client = proxy.client()) {

            assertError(client.get("/"), 502, "backend-closed");
            assertThat(one.requestCount() + two.requestCount() + three.requestCount())
                    .isEqualTo(2);

            assertError(client.post("/", "1 EUR"), 502, "backend-closed");
            assertThat(one.requestCount() + two.requestCount() + three.requestCount())
                    .isEqualTo(3);
        }
    }

    @Test
    void whatTwoBackendsDiedOfOverKeptConnectionsIsNotGivenToAThird() throws IOException {
        try (Victims victims = new Victims();
                RunningProxy proxy = victims.proxy().start();
                RawClient client = proxy.client()) {
            victims.warmUp(client);

            assertError(client.get("/deadly"), 502, "connect-failed");

            assertThat(victims.reached.get()).isEqualTo(2);
            assertThat(client.get("/").text()).isEqualTo("well");
        }
    }

    @Test
    void staleConnectionToTheSecondBackendIsReplacedThere() throws IOException {
        try (Victims victims = new Victims();
                RunningProxy proxy = victims.proxy().start();
                RawClient client = proxy.client()) {
            victims.warmUp(client);

            assertThat(client.get("/stale-at-the-second").text()).isEqualTo("well");

            assertThat(victims.reached.get()).isEqualTo(3);
            assertThat(victims.backends.stream()
                            .filter(backend -> backend.acceptedConnections() == 2)
                            .count())
                    .isEqualTo(1);
        }
    }

    /** Thread-safe. Three backends with an idle connection each, which may die of a request. */
    private static final class Victims implements AutoCloseable {
        /** Requests of the kind that the test is about, as they arrive anywhere. */
        private final AtomicInteger reached = new AtomicInteger();

        private final List<RecordingBackend> backends = new ArrayList<>();

        Victims() {
            for (int i = 0; i < 3; i++) {
                RecordingBackend backend = RecordingBackend.start(request -> Answer.ok("well"));
                backend.behave(request -> answer(backend, request.target()));
                backends.add(backend);
            }
        }

        RunningProxy.Plan proxy() {
            return RunningProxy.proxy()
                    .blue(backends.toArray(RecordingBackend[]::new))
                    .set("workers", 1)
                    .set("balancer", "round-robin")
                    .set("retries.attempts", 10);
        }

        void warmUp(RawClient client) throws IOException {
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("well");
            }
            assertThat(backends).allMatch(backend -> backend.acceptedConnections() == 1);
        }

        private Answer answer(RecordingBackend backend, String target) {
            if (target.equals("/")) {
                return Answer.ok("well");
            }
            int number = reached.incrementAndGet();
            if (target.equals("/deadly") || number == 1) {
                // A process that is gone: nobody listens when the connection ends.
                backend.stopListening();
                return Answer.reset();
            }
            return number == 2 ? Answer.close() : Answer.ok("well");
        }

        @Override
        public void close() {
            backends.forEach(RecordingBackend::close);
        }
    }

    private static void assertError(Response response, int status, String error) {
        assertThat(response.status()).as(response.text()).isEqualTo(status);
        assertThat(response.field("X-Turnout-Error")).isEqualTo(error);
    }
}
