package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An exchange that becomes a tunnel, without sockets. */
final class TunnelTest {

    private static final String ASK = "GET /t HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String ACCEPT =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    private final Edge edge = new Edge(Edge.settings("127.0.0.1:1")
            .set("timeouts.idle", "2s")
            .set("timeouts.response-head", "2s")
            .set("timeouts.tunnel", "60s"));
    private final EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));

    @AfterEach
    void close() {
        edge.close();
    }

    private void answer(String bytes) {
        backend.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    }

    private void endOfBackend() {
        backend.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        backend.runPendingTasks();
    }

    private String taken() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf each = backend.readOutbound(); each != null; each = backend.readOutbound()) {
            text.append(each.toString(StandardCharsets.ISO_8859_1));
            each.release();
        }
        return text.toString();
    }

    private ClientChannel open() {
        ClientChannel client = edge.client().send(ASK);
        assertThat(taken()).contains("Connection: Upgrade\r\n", "Upgrade: websocket\r\n");
        answer(ACCEPT);
        assertThat(client.taken()).startsWith("HTTP/1.1 101 ").contains("Upgrade: websocket\r\n");
        assertThat(edge.backend(0).tunnels()).isEqualTo(1);
        return client;
    }

    @Test
    void bytesSentEarlyArriveInOrderAfterTheUpgrade() {
        ClientChannel client = edge.client().send(ASK + "one ").send("two ");
        assertThat(taken()).endsWith("\r\n\r\n");

        answer(ACCEPT + "hello");
        client.send("three");

        assertThat(client.taken()).endsWith("\r\n\r\nhello");
        assertThat(taken()).isEqualTo("one two three");
    }

    @Test
    void refusedUpgradeIsAnOrdinaryAnswerOfAnOrdinaryConnection() {
        ClientChannel client = edge.client().send(ASK);
        taken();

        answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");

        assertThat(client.taken()).startsWith("HTTP/1.1 403 ").endsWith("\r\n\r\nno");
        assertThat(client.isOpen()).isTrue();
        assertThat(edge.inFlight()).isZero();
        client.send(ASK);
        assertThat(taken()).startsWith("GET /t ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
                "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket, other\r\n\r\n",
                "HTTP/1.1 101 S\r\nConnection: Upgrade\r\n\r\n",
                "HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n",
            })
    void upgradeToWhatNobodyAskedForIsNone(String answer) {
        ClientChannel client = edge.client().send(ASK);

        answer(answer);

        assertThat(client.taken()).startsWith("HTTP/1.1 502 ").contains("X-Turnout-Error: invalid-response");
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void endOfTheBackendReachesTheClientWhichMayGoOn() {
        ClientChannel client = open();

        answer("last");
        endOfBackend();

        assertThat(client.taken()).isEqualTo("last");
        assertThat(client.isOutputShutdown()).isTrue();
        assertThat(client.isOpen()).isTrue();
        client.send("still here");
        assertThat(taken()).isEqualTo("still here");
        assertThat(edge.finished).isEmpty();

        client.sendEnd();
        assertThat(edge.finished).containsExactly("101");
        assertThat(client.isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void endOfTheClientDoesNotStopWhatTheBackendSends() {
        ClientChannel client = open();

        client.sendEnd();
        answer("more");

        assertThat(client.taken()).isEqualTo("more");
        assertThat(edge.finished).isEmpty();
        endOfBackend();
        assertThat(edge.finished).containsExactly("101");
        assertThat(client.isOpen()).isFalse();
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void tunnelHasAnIdleTimeOfItsOwn() {
        ClientChannel client = open();

        edge.runTimersAfter(Duration.ofSeconds(50));
        assertThat(client.isOpen()).isTrue();
        edge.runTimersAfter(Duration.ofSeconds(61));

        assertThat(client.isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
        assertThat(edge.finished).containsExactly("tunnel-idle");
    }

    @Test
    void peerThatWasToldTheEndAndSaysNothingIsNotWaitedForAsLong() {
        ClientChannel client = open();
        endOfBackend();

        edge.runTimersAfter(Duration.ofSeconds(61));

        assertThat(client.isOpen()).isFalse();
        assertThat(edge.finished).containsExactly("tunnel-idle");
    }

    @Test
    void backendThatIsGoneIsToldAtOnce() {
        ClientChannel client = open();

        backend.close();

        assertThat(client.isOpen()).isFalse();
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void whatTheBackendSentBeforeItWasGoneReachesTheClient() {
        ClientChannel client = open();
        client.stopTaking();
        answer("last words");
        endOfBackend();

        backend.close();
        assertThat(client.isOpen()).isTrue();
        client.takeAgain();

        assertThat(client.taken()).isEqualTo("last words");
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void clientThatIsGoneEndsIt() {
        ClientChannel client = open();

        client.close();

        assertThat(backend.isOpen()).isFalse();
        assertThat(edge.finished).containsExactly("client-left");
        assertThat(edge.inFlight()).isZero();
    }

    @Test
    void whoeverTakesNothingStopsTheOtherSide() {
        ClientChannel client = open();

        client.setWritable(false);
        answer("x");
        assertThat(backend.config().isAutoRead()).isFalse();
        client.setWritable(true);
        assertThat(backend.config().isAutoRead()).isTrue();

        backend.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        client.send("y");
        assertThat(client.config().isAutoRead()).isFalse();
        backend.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        backend.runPendingTasks();
        assertThat(client.config().isAutoRead()).isTrue();
    }
}
