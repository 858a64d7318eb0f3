package dev.turnout.proxy.frontend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.LongLived;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** WebSockets and event streams that are told to end, without sockets. */
final class PacedEndTest {

    private static final String ASK = "GET /t HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String ACCEPT = "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String ASK_EVENTS = "GET /e HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n";
    /** A Close frame with 1012 of a server, and what a client answers with. */
    private static final String CLOSE = "\u0088\2\3\u00f4";

    private static final String MASKED_CLOSE = "\u0088\u0082\0\0\0\0\3\u00f4";
    private static final String HELLO = "\u0081\5hello";
    private static final String MASKED_HELLO = "\u0081\u0085\0\0\0\0hello";

    private final Edge edge = new Edge(Edge.settings("127.0.0.1:1")
            .set("drain.websockets", "pace")
            .set("drain.event-streams", "pace")
            .set("timeouts.tunnel", "60s"));
    private EmbeddedChannel backend;

    @AfterEach
    void close() {
        edge.close();
    }

    private ClientChannel open(String ask, String accept) {
        backend = edge.worker.idleConnection(edge.backend(0));
        ClientChannel client = edge.client().send(ask);
        taken();
        answer(accept);
        client.taken();
        return client;
    }

    private void answer(String bytes) {
        backend.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
    }

    private String taken() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf each = backend.readOutbound(); each != null; each = backend.readOutbound()) {
            text.append(each.toString(ISO_8859_1));
            each.release();
        }
        return text.toString();
    }

    /** How many of so many were not used. */
    private int end(LongLived kind, int most) {
        AtomicInteger left = new AtomicInteger(most);
        edge.worker.worker().connections().end(Colour.BLUE, kind, left);
        return left.get();
    }

    @Test
    void whatIsEndingAlreadyTakesNoTurn() {
        ClientChannel first = open(ASK, ACCEPT);
        ClientChannel second = open(ASK, ACCEPT);

        assertThat(end(LongLived.WEBSOCKET, 1)).isZero();
        assertThat(first.taken()).isEqualTo(CLOSE);
        assertThat(end(LongLived.WEBSOCKET, 1)).isZero();

        assertThat(second.taken()).isEqualTo(CLOSE);
        assertThat(end(LongLived.WEBSOCKET, 7)).isEqualTo(7);
    }

    @Test
    void turnThatWasTakenBackEndsNothing() {
        ClientChannel client = open(ASK, ACCEPT);

        assertThat(end(LongLived.WEBSOCKET, 0)).isZero();
        assertThat(end(LongLived.TUNNEL, 1)).isEqualTo(1);

        assertThat(client.taken()).isEmpty();
    }

    @Test
    void clientIsToldAndItsCloseGoesToTheBackend() {
        ClientChannel client = open(ASK, ACCEPT);

        end(LongLived.WEBSOCKET, 1);
        assertThat(taken()).isEmpty();
        client.send(MASKED_HELLO + MASKED_CLOSE + MASKED_HELLO);

        assertThat(client.taken()).isEqualTo(CLOSE);
        assertThat(taken()).isEqualTo(MASKED_HELLO + MASKED_CLOSE);
        assertThat(client.isOutputShutdown()).isTrue();
        assertThat(edge.finished).isEmpty();
        answer(HELLO + CLOSE);
        assertThat(client.taken()).isEmpty();
    }

    @Test
    void closeComesAtTheEndOfAFrameAndNotBefore() {
        ClientChannel client = open(ASK, ACCEPT);
        answer("\u0081\5he");
        assertThat(client.taken()).isEqualTo("\u0081\5he");

        end(LongLived.WEBSOCKET, 1);
        assertThat(client.taken()).isEmpty();
        answer("llo" + HELLO);

        assertThat(client.taken()).isEqualTo("llo" + CLOSE);
    }

    @Test
    void bytesDoNotProlongTheGoodbye() throws InterruptedException {
        ClientChannel client = open(ASK, ACCEPT);
        end(LongLived.WEBSOCKET, 1);

        // So that a time that began with these bytes would end well after the one that is looked at.
        Thread.sleep(300);
        client.send(MASKED_HELLO);
        answer(HELLO);
        edge.runTimersAfter(Duration.ofMillis(4_900));

        assertThat(edge.finished).containsExactly("101");
        assertThat(client.isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void silentClientIsLeftAndTheBackendIsTold() {
        ClientChannel client = open(ASK, ACCEPT);

        end(LongLived.WEBSOCKET, 1);
        edge.runTimersAfter(Duration.ofMillis(5_100));

        assertThat(client.taken()).isEqualTo(CLOSE);
        assertThat(taken()).startsWith("\u0088\u0082").hasSize(8);
        assertThat(edge.finished).containsExactly("101");
    }

    @Test
    void clientAmidAFrameIsCutAndSeesNoFalseOne() {
        ClientChannel client = open(ASK, ACCEPT);
        answer("\u0081\5he");
        client.taken();

        end(LongLived.WEBSOCKET, 1);
        edge.runTimersAfter(Duration.ofMillis(5_100));

        assertThat(client.taken()).isEmpty();
        assertThat(edge.finished).containsExactly("drain-deadline");
    }

    @Test
    void nothingFollowsTheCloseOfTheBackend() {
        ClientChannel client = open(ASK, ACCEPT);
        answer(CLOSE);
        client.taken();

        end(LongLived.WEBSOCKET, 1);

        assertThat(client.taken()).isEmpty();
        client.send(MASKED_CLOSE);
        assertThat(taken()).isEqualTo(MASKED_CLOSE);
    }

    @Test
    void closeOfTheClientIsAnsweredByTheBackend() {
        ClientChannel client = open(ASK, ACCEPT);
        client.send(MASKED_CLOSE);
        taken();

        end(LongLived.WEBSOCKET, 1);
        assertThat(client.taken()).isEmpty();
        answer(HELLO + "\u0088\2\3\u00e8");

        assertThat(client.taken()).isEqualTo(HELLO + "\u0088\2\3\u00e8");
    }

    @Test
    void whatIsNoWebSocketIsCut() {
        ClientChannel client = open(ASK, ACCEPT);
        answer("\u0083what is this");
        client.taken();

        end(LongLived.WEBSOCKET, 1);

        assertThat(edge.finished).containsExactly("drain-deadline");
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void compressedStreamIsNotEndedAsIfItWereWhole() {
        ClientChannel client = open(ASK_EVENTS, EVENTS + "Content-Encoding: gzip\r\n\r\n4\r\nab\n\n\r\n");

        end(LongLived.EVENT_STREAM, 1);

        assertThat(client.taken()).doesNotContain("0\r\n\r\n");
        assertThat(client.isOpen()).isFalse();
        assertThat(edge.finished).containsExactly("drain-deadline");
    }

    @Test
    void streamEndsBehindAnEvent() {
        ClientChannel client = open(ASK_EVENTS, EVENTS + "\r\n9\r\ndata: 1\n\n\r\n");

        end(LongLived.EVENT_STREAM, 1);

        assertThat(client.taken()).isEqualTo("0\r\n\r\n");
        assertThat(client.isOpen()).isTrue();
        assertThat(edge.finished).containsExactly("200");
    }

    @Test
    void streamEndsAtTheFirstEmptyLineOfAPiece() {
        ClientChannel client = open(ASK_EVENTS, EVENTS + "\r\n3\r\nda:\r\n");

        end(LongLived.EVENT_STREAM, 1);
        assertThat(client.taken()).isEmpty();
        answer("5\r\n1\n\nda\r\n");

        assertThat(client.taken()).endsWith("3\r\n1\n\n\r\n0\r\n\r\n");
    }

    @Test
    void streamThatDoesNotEndItsEventIsCutInTime() throws InterruptedException {
        ClientChannel client = open(ASK_EVENTS, EVENTS + "\r\n3\r\nda:\r\n");
        end(LongLived.EVENT_STREAM, 1);

        Thread.sleep(300);
        answer("1\r\nx\r\n");
        edge.runTimersAfter(Duration.ofMillis(4_900));

        assertThat(client.taken()).doesNotContain("0\r\n\r\n");
        assertThat(edge.finished).containsExactly("drain-deadline");
    }
}
