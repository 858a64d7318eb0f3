package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.Behaviour;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages through the whole proxy, on every transport. */
final class RelayIT {

    private static final String BIG = "0123456789abcdef".repeat(40_000);

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void manyRequestsShareOneClientAndOneBackendConnection(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("you asked " + request.target()));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            for (int i = 0; i < 20; i++) {
                Response response = client.get("/" + i);
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.text()).isEqualTo("you asked /" + i);
            }

            assertThat(blue.requestCount()).isEqualTo(20);
            assertThat(blue.acceptedConnections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void bodiesOfEveryFramingArriveWhole(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> echo(request));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            for (String framing : List.of("/length", "/chunked")) {
                assertThat(client.post(framing, BIG).text()).isEqualTo(BIG);
                assertThat(client.postChunked(framing, List.of("a", BIG, "z")).text())
                        .isEqualTo("a" + BIG + "z");
                assertThat(client.post(framing, "").text()).isEmpty();
            }
            assertThat(client.post("/close", BIG).text()).isEqualTo(BIG);

            assertThat(client.closedByPeer()).isTrue();
            assertThat(blue.faults()).isEmpty();
        }
    }

    private static Answer echo(RecordedRequest request) {
        String body = request.text();
        return switch (request.target()) {
            case "/chunked" -> Answer.chunked(200, body.isEmpty() ? List.of() : List.of(body));
            case "/close" -> Answer.untilClose(200, body);
            default -> Answer.ok(body);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void pipelinedRequestsAreAnsweredInOrder(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok(request.target() + request.text()));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                all.append(client.request("POST", "/" + i, "Content-Length: 2")).append("\r\nok");
                all.append(client.request("GET", "/g" + i)).append("\r\n");
            }

            client.send(all.toString());

            for (int i = 0; i < 50; i++) {
                assertThat(client.read().text()).isEqualTo("/" + i + "ok");
                assertThat(client.read().text()).isEqualTo("/g" + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void requestThatComesByteByByteIsTheSame(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok(request.text()));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {
            String request = client.request("POST", "/slow", "Transfer-Encoding: chunked")
                    + "\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";

            for (int i = 0; i < request.length(); i++) {
                client.send(request.substring(i, i + 1));
            }

            assertThat(client.read().text()).isEqualTo("abcde");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void answersWithoutBodyKeepTheConnection(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> switch (request.target()) {
                    case "/204" -> Answer.head(204);
                    case "/304" -> Answer.head(304, "Content-Length: 77", "ETag: \"x\"");
                    default -> Answer.head(200, "Content-Length: 1234");
                });
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            assertThat(client.get("/204").status()).isEqualTo(204);
            assertThat(client.get("/304").field("Content-Length")).isEqualTo("77");
            client.send(client.request("HEAD", "/head") + "\r\n");
            assertThat(client.readAnswerTo("HEAD").field("Content-Length")).isEqualTo("1234");
            assertThat(client.get("/204").status()).isEqualTo(204);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void trailersPassBothWays(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.chunkedWithTrailers(
                        200,
                        List.of("body"),
                        List.of("X-Checksum: " + request.body().trailers().value("X-Sum"))));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("POST", "/", "Transfer-Encoding: chunked")
                    + "\r\n2\r\nhi\r\n0\r\nX-Sum: 17\r\nContent-Length: 5\r\n\r\n");

            Response response = client.read();
            assertThat(response.body().trailers().value("X-Checksum")).isEqualTo("17");
            assertThat(blue.requests().get(0).body().trailers().has("Content-Length"))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void expectContinueIsPassedThrough(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("got " + request.text()));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("POST", "/", "Expect: 100-continue", "Content-Length: 4") + "\r\n");
            assertThat(client.read().status()).isEqualTo(100);
            client.send("body");

            assertThat(client.read().text()).isEqualTo("got body");
            assertThat(blue.requests().get(0).field("Expect")).isEqualTo("100-continue");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void earlyAnswerReachesAClientThatIsStillSending(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(
                        Behaviour.early(Answer.of(413, "too much").thenClose()));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("POST", "/", "Content-Length: 1000000") + "\r\n" + "x".repeat(1000));

            Response response = client.read();
            assertThat(response.status()).isEqualTo(413);
            assertThat(response.text()).isEqualTo("too much");
            assertThat(client.closedByPeer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void halfClosedClientGetsItsAnswer(String transport) throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        try (RecordingBackend blue = RecordingBackend.start(request -> {
                    awaitQuietly(gate);
                    return Answer.ok(BIG);
                });
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("GET", "/") + "\r\n");
            client.halfClose();
            Await.until(
                    "the request is there",
                    () -> proxy.status().at("/pools/blue/inFlight").asInt() == 1);
            gate.countDown();

            assertThat(client.read().text()).isEqualTo(BIG);
            assertThat(client.closedByPeer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void lastAnswerArrivesWholeThoughTheClientSentMore(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok(BIG));
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("GET", "/", "Connection: close") + "\r\n" + BIG);

            assertThat(client.read().text()).isEqualTo(BIG);
            assertThat(client.closedByPeer()).isTrue();
            assertThat(blue.requestCount()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void clientsThatResetAtOnceLeaveNothingBehind(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("ok"));
                RunningProxy proxy = on(transport).blue(blue).start()) {

            for (int i = 0; i < 200; i++) {
                RawClient client = proxy.client();
                if (i % 2 == 1) {
                    client.send(client.request("GET", "/") + "\r\n");
                }
                client.reset();
            }

            Await.until(
                    "no connection is left",
                    () -> proxy.get("/metrics").body().contains("\nturnout_connections{side=\"client\"} 0.0\n"));
            Await.until(
                    "nothing is in flight",
                    () -> proxy.status().at("/pools/blue/inFlight").asInt() == 0);
            try (RawClient client = proxy.client()) {
                assertThat(client.get("/").text()).isEqualTo("ok");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void answerThatBreaksOffIsNeverWhole(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> switch (request.target()) {
                    case "/chunked" ->
                        Answer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                                .thenClose();
                    case "/length" ->
                        Answer.raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
                                .thenClose();
                    default -> Answer.raw("HTTP/1.0 200 OK\r\n\r\nhello").thenReset();
                });
                RunningProxy proxy = on(transport).blue(blue).start()) {

            for (String target : List.of("/chunked", "/length")) {
                try (RawClient client = proxy.client()) {
                    assertThatThrownBy(() -> client.get(target))
                            .as(target)
                            .isInstanceOfAny(EOFException.class, SocketException.class);
                }
            }
            try (RawClient client = proxy.client()) {
                // The reset may overtake the head; then it is a 502.
                try {
                    assertThat(client.get("/reset").status()).isEqualTo(502);
                } catch (SocketException e) {
                    assertThat(e).hasMessageContaining("reset");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void upgradedConnectionIsATunnel(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request -> Answer.raw(
                                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello")
                        .thenClose());
                RunningProxy proxy = on(transport).blue(blue).start();
                RawClient client = proxy.client()) {

            client.send(client.request("GET", "/", "Connection: Upgrade", "Upgrade: echo") + "\r\n");

            Response response = client.read();
            assertThat(response.status()).isEqualTo(101);
            assertThat(response.field("Upgrade")).isEqualTo("echo");
            assertThat(client.readTunnel(5)).isEqualTo("hello");
            assertThat(client.closedByPeer()).isTrue();
            assertThat(blue.requests().get(0).field("Upgrade")).isEqualTo("echo");
        }
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static RunningProxy.Plan on(String transport) {
        return proxy().set("transport", transport).set("workers", 2);
    }
}
