package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A client connection, an exchange and a backend connection, without sockets. */
final class RelayTest {

    private static final String POST = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n";
    private static final String CHUNKED =
            "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n";
    private static final String GET = "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String CHUNKED_OK =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";

    private final Edge edge = new Edge(Edge.settings("127.0.0.1:1", "127.0.0.1:2")
            .set("timeouts.idle", "2s")
            .set("timeouts.response-head", "50s"));

    private EmbeddedChannel idleConnection(int backend) {
        return edge.worker.idleConnection(edge.backend(backend));
    }

    @Test
    void exchangesPassOneAfterTheOther() {
        EmbeddedChannel[] backends = {idleConnection(0), idleConnection(1)};
        ClientChannel client = edge.client();

        client.send(CHUNKED + POST + "foobar" + GET);

        for (int i = 0; i < 3; i++) {
            int now = backends[0].outboundMessages().isEmpty() ? 1 : 0;
            String request = Edge.taken(backends[now]);
            assertThat(request)
                    .contains(
                            switch (i) {
                                case 0 -> "\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n";
                                case 1 -> "\r\n\r\nfoobar";
                                default -> "GET /g HTTP/1.1\r\n";
                            });
            assertThat(edge.inFlight()).isEqualTo(1);
            Edge.answer(backends[now], OK);
            edge.worker.runTasks();
            assertThat(client.taken()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
        }
        assertThat(edge.inFlight()).isZero();
        assertThat(edge.finished).containsExactly("200", "200", "200");
    }

    @Test
    void exchangeThatComesByteByByteIsTheSame() {
        EmbeddedChannel[] backends = {idleConnection(0), idleConnection(1)};
        ClientChannel client = edge.client();

        client.sendByteByByte(CHUNKED);
        int now = backends[0].outboundMessages().isEmpty() ? 1 : 0;
        assertThat(Edge.taken(backends[now]))
                .endsWith("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n1\r\nd\r\n1\r\ne\r\n0\r\nX-Sum: 5\r\n\r\n");
        for (int i = 0; i < CHUNKED_OK.length(); i++) {
            Edge.answer(backends[now], CHUNKED_OK.substring(i, i + 1));
        }

        assertThat(client.taken()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n");
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void bodyIsReadOnWhenTheSecondBackendHasAConnectionThatIsIdle() {
        EmbeddedChannel alive = idleConnection(1);
        ClientChannel client = edge.client();
        client.send(POST + "foo");
        if (!alive.outboundMessages().isEmpty()) {
            // It was the turn of the one that is alive; now it is the other's.
            client.send("bar");
            Edge.taken(alive);
            Edge.answer(alive, OK);
            client.taken();
            client.send(POST + "foo");
        }
        assertThat(client.config().isAutoRead()).isFalse();

        edge.worker.runTasks();

        assertThat(Edge.taken(alive)).startsWith("POST /p ").endsWith("\r\n\r\nfoo");
        assertThat(client.config().isAutoRead()).isTrue();
        client.send("bar");
        assertThat(Edge.taken(alive)).isEqualTo("bar");
        Edge.answer(alive, OK);
        assertThat(client.taken()).endsWith("ok");
    }

    @Test
    void requestThatCannotReachTheOldColourGoesToTheNewOneAfterASwitch() {
        Edge pairs = new Edge(Edge.settings("127.0.0.1:1").green("127.0.0.1:2"));
        ClientChannel client = pairs.client().send(POST + "foobar");

        pairs.switchToGreen();
        EmbeddedChannel green =
                pairs.worker.idleConnection(pairs.table.green().members().get(0).backend());
        pairs.worker.runTasks();

        assertThat(Edge.taken(green)).startsWith("POST /p ").endsWith("\r\n\r\nfoobar");
        Edge.answer(green, OK);
        assertThat(client.taken()).endsWith("ok");
        assertThat(pairs.table.blue().isDrained()).isTrue();
    }

    @Test
    void connectionThatClosedInTheSameMomentIsNotTaken() {
        EmbeddedChannel[] both = {idleConnection(0), idleConnection(1)};
        for (EmbeddedChannel each : both) {
            // Closed by the transport, which tells of it a little later.
            each.unsafe().close(each.voidPromise());
        }
        ClientChannel client = edge.client();

        client.send(POST + "foobar");
        edge.worker.runTasks();
        edge.worker.runTasks();

        assertThat(client.taken()).contains("connect-failed");
        both[0].runPendingTasks();
        both[1].runPendingTasks();
    }

    @Test
    void appHasItsTimeToThinkAfterALargeBodyToo() {
        EmbeddedChannel[] backends = {idleConnection(0), idleConnection(1)};
        ClientChannel client = edge.client();
        client.send(POST + "foo");
        EmbeddedChannel backend = backends[backends[0].outboundMessages().isEmpty() ? 1 : 0];
        backend.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        client.send("bar");
        assertThat(client.config().isAutoRead()).isFalse();

        backend.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        backend.runPendingTasks();
        edge.runTimersAfter(Duration.ofSeconds(40));

        assertThat(client.taken()).isEmpty();
        edge.runTimersAfter(Duration.ofSeconds(60));
        assertThat(client.taken()).contains("X-Turnout-Error: response-timeout");
        assertThat(edge.inFlight()).isZero();
        Edge.taken(backend);
    }

    @Test
    void lastAnswerIsGivenTimeToArriveIfTheClientSentMore() {
        EmbeddedChannel[] backends = {idleConnection(0), idleConnection(1)};
        ClientChannel client = edge.client();
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET);
        EmbeddedChannel backend = backends[backends[0].outboundMessages().isEmpty() ? 1 : 0];
        Edge.taken(backend);

        Edge.answer(backend, OK);

        assertThat(client.taken()).contains("Connection: close").endsWith("ok");
        assertThat(client.isOutputShutdown()).isTrue();
        assertThat(client.config().isAutoRead()).isTrue();
        client.send(GET).sendEnd();
        assertThat(client.isOpen()).isFalse();
        assertThat(edge.started).isEqualTo(1);
    }

    @Test
    void clientThatLeavesFreesItsLeaseAtEveryByteOfItsRequest() {
        for (int length = 1; length <= CHUNKED.length(); length++) {
            EmbeddedChannel[] backends = {idleConnection(0), idleConnection(1)};
            ClientChannel client = edge.client();
            client.send(CHUNKED.substring(0, length));

            client.close();

            assertThat(edge.inFlight()).isZero();
            for (EmbeddedChannel each : backends) {
                Edge.taken(each);
                each.close();
            }
        }
        assertThat(edge.finished).hasSize(edge.started).containsOnly("client-left");
        assertThat(edge.clients).isZero();
    }

    @Test
    void backendThatLeavesFreesItsLeaseAtEveryByteOfItsAnswer() {
        for (int length = 0; length < CHUNKED_OK.length(); length++) {
            EmbeddedChannel[] backends = {idleConnection(0), idleConnection(1)};
            ClientChannel client = edge.client();
            client.send(POST + "foobar");
            EmbeddedChannel backend = backends[backends[0].outboundMessages().isEmpty() ? 1 : 0];
            Edge.answer(backend, CHUNKED_OK.substring(0, length));

            backend.close();

            assertThat(edge.inFlight()).isZero();
            assertThat(client.taken()).doesNotContain("\r\n0\r\n\r\n");
            client.close();
            for (EmbeddedChannel each : backends) {
                Edge.taken(each);
                each.close();
            }
        }
        assertThat(edge.finished).hasSize(edge.started).containsOnly("backend-closed");
    }
}
