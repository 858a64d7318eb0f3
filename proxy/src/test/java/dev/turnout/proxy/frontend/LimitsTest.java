package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.connection.HeadMemory;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client may make Turnout hold or do, at a connection without a socket. */
final class LimitsTest {

    private static final String GET = "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    private static final String CHUNKED = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Duration WINDOW = Duration.ofSeconds(11);

    private final List<Edge> edges = new ArrayList<>();

    private Edge edge(SettingsBuilder settings) {
        Edge edge = new Edge(settings);
        edges.add(edge);
        return edge;
    }

    @AfterEach
    void close() {
        edges.forEach(Edge::close);
    }

    private static SettingsBuilder settings() {
        return Edge.settings("127.0.0.1:1").set("limits.body", 6).set("timeouts.idle", "1h");
    }

    private static void setWritable(EmbeddedChannel backend, boolean writable) {
        backend.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
        backend.runPendingTasks();
    }

    // ---- request head

    @Test
    void longHeadsOfAllClientsTogetherHaveABound() {
        Edge edge = edge(settings());
        HeadMemory heads = edge.worker.worker().heads();
        ClientChannel long1 = edge.client().send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9000));
        long ofOne = heads.held();
        int filled = 0;
        while (heads.count(0, 8192) > 0) {
            filled++;
        }

        ClientChannel long2 = edge.client().send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(30_000));
        ClientChannel usual = edge.client().send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(3000));

        assertThat(filled).isPositive();
        assertThat(ofOne).isBetween(9000L - 4096, 32_768L);
        assertThat(long2.taken())
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .contains("X-Turnout-Error: too-many-large-heads\r\n");
        assertThat(usual.taken()).isEmpty();
        assertThat(long1.taken()).isEmpty();
    }

    @Test
    void longHeadIsGivenBackWhenItsRequestIsOverAndWhenItsClientLeaves() {
        Edge edge = edge(settings());
        HeadMemory heads = edge.worker.worker().heads();
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9000) + "\r\n\r\n");
        assertThat(heads.held()).isPositive();
        Edge.taken(backend);

        Edge.answer(backend, "HTTP/1.1 204 No Content\r\n\r\n");

        assertThat(client.taken()).startsWith("HTTP/1.1 204");
        assertThat(heads.held()).isZero();
        client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9000));
        assertThat(heads.held()).isPositive();
        client.close();
        assertThat(heads.held()).isZero();
    }

    @Test
    void headThatDripsIsGivenUpHoweverOftenAByteComes() {
        Edge edge = edge(settings().set("timeouts.request-head", "5s"));
        ClientChannel client = edge.client().send("GET / HTTP/1.1\r\nHost: a\r\nX: ");

        edge.runTimersAfter(Duration.ofSeconds(4));
        client.send("d");
        assertThat(client.taken()).isEmpty();
        edge.runTimersAfter(Duration.ofSeconds(6));

        assertThat(client.taken()).startsWith("HTTP/1.1 408 ").contains("X-Turnout-Error: request-timeout");
        assertThat(client.isOutputShutdown()).isTrue();
    }

    // ---- size of a body

    @Test
    void bodyOfExactlyTheLimitPasses() {
        Edge edge = edge(settings());
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));

        ClientChannel client = edge.client().send(POST + "6\r\n\r\nfoobar");
        Edge.answer(backend, OK);

        assertThat(Edge.taken(backend)).endsWith("\r\n\r\nfoobar");
        assertThat(client.taken()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void bodyThatIsAnnouncedTooLongGoesToNoBackend() {
        Edge edge = edge(settings());
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));

        ClientChannel client = edge.client().send(POST + "7\r\nExpect: 100-continue\r\n\r\n");

        assertThat(client.taken())
                .startsWith("HTTP/1.1 413 ")
                .contains("X-Turnout-Error: body-too-large\r\n", "Connection: close\r\n");
        assertThat(Edge.taken(backend)).isEmpty();
        assertThat(backend.isOpen()).isTrue();
        assertThat(client.isOutputShutdown()).isTrue();
        assertThat(edge.finished).containsExactly("body-too-large");
    }

    @Test
    void chunkedBodyIsRefusedWhereItPassesTheLimit() {
        Edge edge = edge(settings());
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(CHUNKED + "3\r\nfoo\r\n3\r\nbar\r\n");
        assertThat(Edge.taken(backend)).contains("3\r\nbar\r\n");

        client.send("1\r\nx\r\n0\r\n\r\n");

        assertThat(client.taken()).startsWith("HTTP/1.1 413 ").contains("Connection: close\r\n");
        assertThat(Edge.taken(backend)).doesNotContain("x", "0\r\n\r\n");
        assertThat(backend.isOpen()).isFalse();
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void chunkedBodyThatComesByteByByteIsRefusedAsWell() {
        Edge edge = edge(settings());
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client();

        client.sendByteByByte(CHUNKED + "7\r\nfoobarx\r\n");

        assertThat(client.taken()).startsWith("HTTP/1.1 413 ");
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void answerThatHasBegunIsCutWhenTheBodyIsTooLong() {
        Edge edge = edge(settings());
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(CHUNKED + "3\r\nfoo\r\n");
        Edge.answer(backend, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");

        client.send("4\r\nfull\r\n");

        assertThat(client.taken())
                .startsWith("HTTP/1.1 200 ")
                .doesNotContain("413")
                .endsWith("2\r\nok\r\n");
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void listenerMayHaveALimitOfItsOwn() {
        Edge edge =
                edge(settings().set("listeners", List.of(java.util.Map.of("bind", "127.0.0.1:0", "max-body", "7B"))));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));

        edge.client().send(POST + "7\r\n\r\nfoobarx");

        assertThat(Edge.taken(backend)).endsWith("foobarx");
    }

    // ---- rate of a body

    @Test
    void bodyThatDripsIsGivenUp() {
        Edge edge = edge(settings().set("limits.body", "1GiB"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(POST + "9000\r\n\r\nabc");

        edge.runTimersAfter(WINDOW);

        assertThat(client.taken()).startsWith("HTTP/1.1 408 ").contains("X-Turnout-Error: body-too-slow");
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void timeInWhichTheBackendIsWaitedForIsNotTheClients() {
        Edge edge = edge(settings().set("limits.body", "1GiB"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        backend.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        ClientChannel client = edge.client().send(POST + "9000\r\n\r\nabc");
        assertThat(client.config().isAutoRead()).isFalse();

        edge.runTimersAfter(WINDOW);

        assertThat(client.taken()).isEmpty();
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void clientThatWaitsForA100IsNotTooSlowBeforeItGotIt() {
        Edge edge = edge(settings().set("limits.body", "1GiB"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(POST + "9000\r\nExpect: 100-continue\r\n\r\n");
        edge.runTimersAfter(WINDOW);
        assertThat(client.taken()).isEmpty();

        Edge.answer(backend, "HTTP/1.1 100 Continue\r\n\r\n");
        assertThat(client.taken()).startsWith("HTTP/1.1 100 ");
        edge.runTimersAfter(WINDOW.multipliedBy(2));
        edge.runTimersAfter(WINDOW.multipliedBy(4));

        assertThat(client.taken()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void clientThatWaitsForA100IsNotTooSlowAlthoughItsBackendPaused() {
        Edge edge = edge(settings().set("limits.body", "1GiB").set("timeouts.response-head", "1h"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(POST + "9000\r\nExpect: 100-continue\r\n\r\n");

        setWritable(backend, false);
        setWritable(backend, true);
        edge.runTimersAfter(WINDOW);
        edge.runTimersAfter(WINDOW.multipliedBy(2));
        edge.runTimersAfter(WINDOW.multipliedBy(3));

        assertThat(client.taken()).isEmpty();
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void clientIsNotTooSlowWhenItsBackendSendsInterimAnswersAndTakesNothing() {
        Edge edge = edge(settings().set("limits.body", "1GiB"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        setWritable(backend, false);
        ClientChannel client = edge.client().send(POST + "9000\r\n\r\nabc");
        assertThat(client.config().isAutoRead()).isFalse();

        Edge.answer(backend, "HTTP/1.1 102 Processing\r\n\r\n");
        edge.runTimersAfter(WINDOW);
        edge.runTimersAfter(WINDOW.multipliedBy(2));
        edge.runTimersAfter(WINDOW.multipliedBy(3));

        assertThat(client.taken()).startsWith("HTTP/1.1 102 ").doesNotContain("408");
        assertThat(client.isOpen()).isTrue();
    }

    // ---- requests

    @Test
    void lastRequestOfAConnectionIsToldSo() {
        Edge edge = edge(settings().set("limits.requests-per-connection", 2));
        edge.backend(0);
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(GET);
        Edge.answer(backend, OK);
        assertThat(client.taken()).doesNotContain("Connection: close");

        client.send(GET);
        Edge.answer(backend, OK);

        assertThat(client.taken()).contains("Connection: close");
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void requestsOverTheLimitInFlightAreRefusedAndTheirConnectionsKept() {
        Edge edge = edge(settings().set("limits.in-flight", 1));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel first = edge.client().send(GET);

        ClientChannel second = edge.client().send(GET);
        assertThat(second.taken())
                .startsWith("HTTP/1.1 503 ")
                .contains("X-Turnout-Error: too-many-in-flight\r\n", "Retry-After: 1\r\n")
                .doesNotContain("Connection: close");
        Edge.answer(backend, OK);
        assertThat(first.taken()).startsWith("HTTP/1.1 200 ");
        second.send(GET);
        Edge.answer(backend, OK);

        assertThat(second.taken()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void clientThatAsksTooOftenIsToldToWait() {
        Edge edge = edge(settings()
                .set("rate-limit.enabled", true)
                .set("rate-limit.requests-per-second", 1)
                .set("rate-limit.burst", 2));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client();

        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            client.send(GET);
            if (!backend.outboundMessages().isEmpty()) {
                Edge.taken(backend);
                Edge.answer(backend, OK);
            }
            answers.add(client.taken());
        }

        assertThat(answers.get(0)).startsWith("HTTP/1.1 200 ");
        assertThat(answers.get(1)).startsWith("HTTP/1.1 200 ");
        assertThat(answers.get(2))
                .startsWith("HTTP/1.1 429 ")
                .contains("X-Turnout-Error: rate-limited\r\n", "Retry-After: 1\r\n")
                .doesNotContain("Connection: close");
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void trustedProxyMayAskAsOftenAsItLikes() {
        Edge edge = edge(settings()
                .set("trusted-proxies", List.of("192.0.2.0/24"))
                .set("rate-limit.enabled", true)
                .set("rate-limit.requests-per-second", 1)
                .set("rate-limit.burst", 1));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client();

        for (int i = 0; i < 3; i++) {
            client.send(GET);
            Edge.answer(backend, OK);
            assertThat(client.taken()).startsWith("HTTP/1.1 200 ");
        }
    }

    // ---- connections

    @Test
    void connectionsOfOneAddressAreLimitedAndCountedOut() {
        Edge edge = edge(settings().set("limits.connections-per-address", 1));
        ClientChannel first = edge.client();
        assertThat(edge.client().taken()).contains("X-Turnout-Error: too-many-connections-of-address\r\n");

        first.close();

        assertThat(edge.client().taken()).isEmpty();
    }

    @Test
    void trustedProxyMayHaveManyConnections() {
        Edge edge =
                edge(settings().set("trusted-proxies", List.of("192.0.2.7")).set("limits.connections-per-address", 1));
        edge.client();

        assertThat(edge.client().taken()).isEmpty();
    }

    @Test
    void floodOfConnectionsOverTheLimitIsClosedWithoutWaiting() {
        Edge edge = edge(settings().set("limits.connections", 8));
        for (int i = 0; i < 8; i++) {
            edge.client();
        }
        List<ClientChannel> flood = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            flood.add(edge.client());
        }

        assertThat(flood).filteredOn(ClientChannel::isOpen).hasSize(2);
        assertThat(edge.finished).hasSize(flood.size()).containsOnly("too-many-connections");
    }

    @Test
    void connectionThatBeginsWhileTheProcessEndsIsServedOnce() {
        Edge edge = edge(settings());
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        edge.context.clients().announceEnd();

        ClientChannel client = edge.client().send(GET);
        Edge.answer(backend, OK);

        assertThat(client.taken()).startsWith("HTTP/1.1 200 ").contains("Connection: close");
        assertThat(client.isOpen()).isFalse();
    }

    // ---- a client that is slow to take its answer

    @Test
    void clientThatTakesNothingIsCutOff() {
        Edge edge = edge(settings().set("timeouts.idle", "2s"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(GET);
        client.stopTaking();
        client.setWritable(false);
        Edge.answer(backend, "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + "x".repeat(9000));

        backend.unsafe().outboundBuffer();
        edge.runTimersAfter(Duration.ofSeconds(3));

        assertThat(client.isOpen()).isFalse();
        assertThat(edge.finished).containsExactly("client-stalled");
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void clientThatTookWhatWasWrittenAfterItHadStoppedIsTaking() {
        Edge edge = edge(settings().set("timeouts.idle", "2s"));
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(GET);
        Http1Stage stage = client.pipeline().get(Http1Stage.class);
        client.stopTaking();
        client.setWritable(false);
        Edge.answer(backend, "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + "x".repeat(9000));

        client.takeAgain();

        assertThat(stage.isTaking()).isTrue();
        assertThat(stage.isTaking()).isFalse();
    }
}
