package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.Behaviour;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client gets when something goes wrong, and what is never done to a backend. */
final class FailureIT {

    @Test
    void backendThatNeverAnswersIsATimeout() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.never());
                RunningProxy proxy = proxy().blue(blue)
                        .set("timeouts.response-head", "200ms")
                        .start();
                RawClient client = proxy.client()) {

            assertError(client.get("/"), 504, "response-timeout");

            // It is one request and not sent again, and the client's connection lives on.
            assertThat(blue.requestCount()).isEqualTo(1);
            assertError(client.get("/"), 504, "response-timeout");
        }
    }

    @Test
    void backendThatIsGoneIsABadGateway() throws IOException {
        RecordingBackend gone = RecordingBackend.start(request -> Answer.ok("never"));
        try (RunningProxy proxy = proxy().blue(gone).start()) {
            gone.close();
            try (RawClient client = proxy.client()) {
                assertError(client.get("/"), 502, "connect-failed");
                assertError(client.post("/", "body"), 502, "connect-failed");
                assertError(client.get("/"), 502, "connect-failed");
            }
        }
    }

    @Test
    void requestGoesToAnotherBackendIfOneCannotBeReached() throws IOException {
        RecordingBackend gone = RecordingBackend.start(request -> Answer.ok("never"));
        try (RecordingBackend alive = RecordingBackend.start(request -> Answer.ok(request.text()));
                RunningProxy proxy = proxy().blue(gone, alive).start();
                RawClient client = proxy.client()) {
            gone.close();

            for (int i = 0; i < 50; i++) {
                assertThat(client.post("/", "body " + i).text()).isEqualTo("body " + i);
            }
        }
    }

    @Test
    void emptyPoolIsUnavailable() throws IOException {
        try (RunningProxy proxy = proxy().start();
                RawClient client = proxy.client()) {

            assertError(client.get("/"), 503, "no-backend");
            assertError(client.get("/"), 503, "no-backend");
        }
    }

    @Test
    void getOnAConnectionTheBackendJustClosedIsSentAgain() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(Behaviour.closeReused(Answer.ok("first"), false));
                RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/" + i).text()).isEqualTo("first");
            }
        }
    }

    @Test
    void postOnAConnectionTheBackendJustResetIsNotSentAgain() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(Behaviour.closeReused(Answer.ok("first"), true));
                RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/warm").status()).isEqualTo(200);

            assertError(client.post("/pay", "1 EUR"), 502, "backend-closed");

            assertThat(blue.requests().stream()
                            .filter(request -> request.target().equals("/pay")))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void answerThatIsNotHttpIsABadGatewayAndReachesNobodyElse() throws IOException {
        List<String> bad = List.of(
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
                "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n".repeat(100));
        for (String answer : bad) {
            try (RecordingBackend blue = RecordingBackend.start(request -> Answer.raw(answer));
                    RunningProxy proxy = proxy().blue(blue).start();
                    RawClient client = proxy.client()) {
                client.send(client.request("GET", "/") + "\r\n");
                assertError(client.readFinal("GET"), 502, "invalid-response");
            }
        }
    }

    @Test
    void bytesBehindAnAnswerAreNotTheNextAnswer() throws IOException {
        String twice = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
        try (RecordingBackend blue = RecordingBackend.start(
                        request -> Answer.raw(twice + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
                RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            for (int i = 0; i < 10; i++) {
                assertThat(client.get("/").text()).isEqualTo("good");
            }

            assertThat(blue.acceptedConnections()).isEqualTo(10);
        }
    }

    @Test
    void whatCanBeReadInTwoWaysIsRefused() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("ok"));
                RunningProxy proxy = proxy().blue(blue).start()) {
            List<String> ambiguous = List.of(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                    "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
                    "GET / HTTP/1.1\r\n\r\n");

            for (String request : ambiguous) {
                try (RawClient client = proxy.client()) {
                    Response response = client.send(request).read();
                    assertThat(response.status()).as(request).isEqualTo(400);
                    assertThat(response.field("Connection")).isEqualTo("close");
                    assertThat(client.closedByPeer()).isTrue();
                }
            }
            assertThat(blue.requestCount()).isZero();
        }
    }

    @Test
    void badChunkEndsTheRequestBeforeTheBackendTakesItForWhole() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("ok"));
                RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("POST", "/", "Transfer-Encoding: chunked") + "\r\n3\r\nabc\r\nzz\r\n");

            assertError(client.read(), 400, "bad-body");
            assertThat(client.closedByPeer()).isTrue();
            assertThat(blue.requestCount()).isZero();
        }
    }

    @Test
    void headThatDripsInIsCutOffAtItsDeadline() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("ok"));
                RunningProxy proxy =
                        proxy().blue(blue).set("timeouts.request-head", "300ms").start();
                RawClient client = proxy.client()) {

            client.send("GET / HTTP/1.1\r\nHo");

            assertError(client.read(), 408, "request-timeout");
            assertThat(client.closedByPeer()).isTrue();
        }
    }

    @Test
    void clientThatLeavesFreesItsBackend() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.never());
                RunningProxy proxy = proxy().blue(blue).start()) {
            RawClient client = proxy.client();
            client.send(client.request("GET", "/") + "\r\n");
            Await.until("the request is there", () -> blue.openConnections() == 1);

            client.reset();

            Await.until("the backend connection is closed", () -> blue.openConnections() == 0);
            Await.until(
                    "nothing is in flight",
                    () -> proxy.status().at("/pools/blue/inFlight").asInt() == 0);
        }
    }

    @Test
    void connectAndTraceAreRefused() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("ok"));
                RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            client.send("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertError(client.read(), 405, "method-not-allowed");
            client.send("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
            assertError(client.readFinal("POST"), 405, "method-not-allowed");
        }
    }

    private static void assertError(Response response, int status, String error) {
        assertThat(response.status()).as(response.text()).isEqualTo(status);
        assertThat(response.field("X-Turnout-Error")).isEqualTo(error);
        assertThat(response.field("X-Request-Id")).isNotNull();
    }
}
