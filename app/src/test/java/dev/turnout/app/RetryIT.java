package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.Behaviour;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Which requests are tried again, where, and how often. */
final class RetryIT {

    private static final Behaviour STALE = Behaviour.closeReused(Answer.ok("warm"), false);

    /** Answers the first request of each connection with its body; the next one closes the connection, unread. */
    private static RecordingBackend staleEcho(boolean reset) {
        return RecordingBackend.start(new Behaviour() {
            @Override
            public Answer answer(RecordedRequest request) {
                return Answer.ok("got " + request.text());
            }

            @Override
            public Answer beforeBody(RecordedRequest head) {
                return STALE.beforeBody(head) == null ? null : reset ? Answer.reset() : Answer.close();
            }
        });
    }

    @Test
    void bodyThatWasSentWholeIsSentAgain() throws IOException {
        for (boolean reset : new boolean[] {false, true}) {
            try (RecordingBackend blue = staleEcho(reset);
                    RunningProxy proxy = proxy().blue(blue).set("workers", 1).start();
                    RawClient client = proxy.client()) {
                assertThat(client.get("/warm").status()).isEqualTo(200);

                client.send(client.request("PUT", "/", "Content-Length: 6") + "\r\nfoobar");

                assertThat(client.read().text()).isEqualTo("got foobar");
                assertThat(proxy.metrics().value("turnout_retries_total{colour=\"blue\",reason=\"backend-closed\"}"))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void bodyThatIsHalfSentIsSentAgainAndGoesOn() throws IOException {
        try (RecordingBackend blue = staleEcho(false);
                RunningProxy proxy = proxy().blue(blue).set("workers", 1).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/warm").status()).isEqualTo(200);

            client.send(
                    client.request("POST", "/", "Transfer-Encoding: chunked", "Idempotency-Key: 1", "Trailer: X-Sum")
                            + "\r\n3\r\nfoo\r\n");
            Await.until("the second connection is there", () -> blue.acceptedConnections() == 2);
            client.send("3\r\nbar\r\n0\r\nX-Sum: 6\r\n\r\n");

            assertThat(client.read().text()).isEqualTo("got foobar");
            assertThat(blue.faults()).allMatch(fault -> !fault.contains("HTTP"));
        }
    }

    @Test
    void bodyThatIsTooLongToBeKeptIsNotSentAgain() throws IOException {
        try (RecordingBackend blue = staleEcho(false);
                RunningProxy proxy = proxy().blue(blue)
                        .set("workers", 1)
                        .set("retries.body", "4B")
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/warm").status()).isEqualTo(200);

            client.send(
                    client.request("PUT", "/", "Transfer-Encoding: chunked") + "\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n");

            assertError(client.read(), 502, "backend-closed");
        }
    }

    @Test
    void postIsSentAgainOnlyIfTheOperatorWantsIt() throws IOException {
        for (String wanted : List.of("off", "on")) {
            try (RecordingBackend blue = staleEcho(false);
                    RunningProxy proxy = proxy().blue(blue)
                            .set("workers", 1)
                            .set("retries.non-idempotent", wanted)
                            .start();
                    RawClient client = proxy.client()) {
                assertThat(client.get("/warm").status()).isEqualTo(200);

                Response response = client.post("/", "1 EUR");

                if (wanted.equals("on")) {
                    assertThat(response.text()).isEqualTo("got 1 EUR");
                } else {
                    assertError(response, 502, "backend-closed");
                }
            }
        }
    }

    @Test
    void postGoesOverAFreshConnectionAfterAPause() throws Exception {
        try (RecordingBackend blue = staleEcho(false);
                RunningProxy proxy = proxy().blue(blue).set("workers", 1).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/warm").status()).isEqualTo(200);

            // The pause is what is tested.
            Thread.sleep(1_100);

            assertThat(client.post("/", "1 EUR").text()).isEqualTo("got 1 EUR");
            assertThat(blue.acceptedConnections()).isEqualTo(2);
        }
    }

    @Test
    void nothingIsTriedAgainWithoutABudget() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(STALE);
                RunningProxy proxy = proxy().blue(blue)
                        .set("workers", 1)
                        .set("retries.budget-percent", 0)
                        .set("retries.budget-min", 0)
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").status()).isEqualTo(200);

            assertError(client.get("/"), 502, "backend-closed");

            assertThat(proxy.metrics().value("turnout_retry_budget_exhausted_total{colour=\"blue\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void nothingIsTriedAgainTooLate() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("warm"));
                RunningProxy proxy = proxy().blue(blue)
                        .set("workers", 1)
                        .set("retries.within", "1ms")
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").status()).isEqualTo(200);
            blue.behave(request -> Answer.raw("").thenHold(gate).thenClose());
            client.send(client.request("GET", "/late") + "\r\n");
            Await.until("the request is there", () -> blue.requestCount() == 2);
            long since = System.nanoTime();
            Await.until("it is late", () -> System.nanoTime() - since > 2_000_000);

            gate.countDown();

            assertError(client.read(), 502, "backend-closed");
        }
    }

    @Test
    void statusThatIsToBeTriedAgainIsTriedAtAnotherBackend() throws IOException {
        try (RecordingBackend ill = RecordingBackend.start(request -> Answer.of(503, "ill"));
                RecordingBackend well = RecordingBackend.start(request -> Answer.ok("well " + request.text()));
                RunningProxy proxy = proxy().blue(ill, well)
                        .set("workers", 1)
                        .set("balancer", "round-robin")
                        .set("retries.retry-on", List.of(503))
                        .start();
                RawClient client = proxy.client()) {

            for (int i = 0; i < 10; i++) {
                client.send(client.request("PUT", "/", "Content-Length: 1") + "\r\n" + i);
                assertThat(client.read().text()).isEqualTo("well " + i);
            }

            assertThat(proxy.metrics().value("turnout_retries_total{colour=\"blue\",reason=\"backend-503\"}"))
                    .isEqualTo((double) ill.requestCount())
                    .isPositive();
        }
    }

    @Test
    void answerGoesToTheClientIfThereIsNoOtherBackendOrItMayHaveActed() throws IOException {
        try (RecordingBackend ill = RecordingBackend.start(request -> Answer.of(503, "ill"));
                RunningProxy proxy =
                        proxy().blue(ill).set("retries.retry-on", List.of(503)).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("ill");
            assertThat(client.post("/", "1 EUR").text()).isEqualTo("ill");
            assertThat(ill.requestCount()).isEqualTo(2);
        }
        try (RecordingBackend ill = RecordingBackend.start(request -> Answer.of(503, "ill"));
                RecordingBackend ill2 = RecordingBackend.start(request -> Answer.of(503, "ill"));
                RunningProxy proxy = proxy().blue(ill, ill2)
                        .set("retries.retry-on", List.of(502, 503))
                        .set("retries.attempts", 2)
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.post("/", "1 EUR").text()).isEqualTo("ill");
            assertThat(ill.requestCount() + ill2.requestCount()).isEqualTo(1);
            assertThat(client.get("/").text()).isEqualTo("ill");
            assertThat(ill.requestCount() + ill2.requestCount()).isEqualTo(3);
        }
    }

    @Test
    void idleConnectionIsClosedBeforeTheTimeTheBackendTells() throws IOException {
        try (RecordingBackend blue =
                        RecordingBackend.start(request -> Answer.of(200, "ok", "Keep-Alive: timeout=2, max=9"));
                RunningProxy proxy = proxy().blue(blue)
                        .set("timeouts.backend-keep-alive", "1h")
                        .start();
                RawClient client = proxy.client()) {

            assertThat(client.get("/").status()).isEqualTo(200);

            Await.until("it is closed", () -> blue.openConnections() == 0);
        }
    }

    @Test
    void idleConnectionsOfADrainedPoolAreClosed() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
                RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));
                RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .set("timeouts.backend-keep-alive", "1h")
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");

            proxy.switchTo(Colour.GREEN);

            assertThat(client.get("/").text()).isEqualTo("green");
            Await.until("nothing is left of blue", () -> blue.openConnections() == 0);
            assertThat(green.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void backendThatDoesNotAnswerAnExpectationIsATimeoutOfTheBackend() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        try (RecordingBackend blue =
                        RecordingBackend.start(Behaviour.early(Answer.raw("").thenHold(never)));
                RunningProxy proxy = proxy().blue(blue)
                        .set("timeouts.response-head", "200ms")
                        .start();
                RawClient client = proxy.client()) {

            client.send(client.request("PUT", "/", "Content-Length: 6", "Expect: 100-continue") + "\r\n");

            assertError(client.read(), 504, "response-timeout");
        }
    }

    private static void assertError(Response response, int status, String error) {
        assertThat(response.status()).as(response.text()).isEqualTo(status);
        assertThat(response.field("X-Turnout-Error")).isEqualTo(error);
    }
}
