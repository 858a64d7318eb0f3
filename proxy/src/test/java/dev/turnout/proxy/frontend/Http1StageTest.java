package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.SocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** One client connection, in front of pools without backends: every request is answered with 503 at once. */
final class Http1StageTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String LAST_GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    private static final String TEXT = "503 Service Unavailable: no-backend\n";
    private static final Duration MINUTE = Duration.ofSeconds(61);

    private final Edge edge = new Edge(Edge.settings().set("timeouts.keep-alive", "10s"));

    private static int answersIn(String bytes) {
        return bytes.split("HTTP/1.1 ", -1).length - 1;
    }

    @Test
    void pipelinedRequestsAreAnsweredInOneGo() {
        ClientChannel client = edge.client();

        client.send(GET + GET + GET);

        assertThat(answersIn(client.taken())).isEqualTo(3);
        assertThat(client.isOpen()).isTrue();
        assertThat(edge.finished).hasSize(edge.started);
    }

    @Test
    void requestsThatComeByteByByteAreTheSame() {
        ClientChannel client = edge.client();

        client.sendByteByByte(GET + GET + LAST_GET);

        assertThat(answersIn(client.taken())).isEqualTo(3);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void clientThatTakesNoAnswersGetsNoMore() {
        ClientChannel client = edge.client();
        client.setWritable(false);

        client.send(GET + GET).send(GET);
        assertThat(answersIn(client.taken())).isEqualTo(1);
        assertThat(client.config().isAutoRead()).isFalse();

        client.setWritable(true);
        assertThat(answersIn(client.taken())).isEqualTo(2);
        assertThat(client.config().isAutoRead()).isTrue();
    }

    @Test
    void clientThatTakesNoAnswersAndEndsItsSideGetsThemAllTheSame() {
        ClientChannel client = edge.client();
        client.setWritable(false);
        client.send(GET + GET);
        client.sendEnd();

        client.setWritable(true);

        assertThat(answersIn(client.taken())).isEqualTo(2);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void endOfTheClientsSideDoesNotCutAnAnswerOnItsWay() {
        ClientChannel client = edge.client();
        client.stopTaking();
        client.send(GET);

        client.sendEnd();
        client.takeAgain();

        assertThat(client.taken()).endsWith(TEXT);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void endOfTheClientsSideDoesNotCutTheLastAnswerToARequestThatWasRefused() {
        ClientChannel client = edge.client();
        client.stopTaking();
        client.send("no request\r\n\r\n");

        client.sendEnd();
        client.takeAgain();

        assertThat(client.taken()).endsWith("400 Bad Request: bad-request\n");
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void stoppingDoesNotCutAnAnswerOnItsWay() {
        Http1Stage stage = edge.stage();
        ClientChannel client = new ClientChannel(stage);
        client.stopTaking();
        client.send(GET);

        stage.closeWhenIdle();
        client.takeAgain();

        assertThat(client.taken()).endsWith(TEXT);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void idleConnectionIsClosedAfterItsTime() {
        ClientChannel client = edge.client().send(GET);

        edge.runTimersAfter(Duration.ofSeconds(9));
        assertThat(client.isOpen()).isTrue();
        edge.runTimersAfter(Duration.ofSeconds(11));

        assertThat(client.isOpen()).isFalse();
        assertThat(answersIn(client.taken())).isEqualTo(1);
    }

    @Test
    void slowClientIsNotIdle() {
        ClientChannel client = edge.client();
        client.stopTaking();
        client.send(GET);

        edge.runTimersAfter(Duration.ofSeconds(11));
        assertThat(client.isOpen()).isTrue();
        client.takeAgain();

        assertThat(client.taken()).endsWith(TEXT);
    }

    @Test
    void clientThatNeverTakesAnAnswerIsCutOff() {
        ClientChannel client = edge.client();
        client.stopTaking();
        client.send(GET);

        edge.runTimersAfter(Duration.ofSeconds(11));
        edge.runTimersAfter(MINUTE);

        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void clientThatNeverTakesItsLastAnswerIsCutOff() {
        ClientChannel client = edge.client();
        client.stopTaking();
        client.send(LAST_GET);
        assertThat(client.isOpen()).isTrue();

        edge.runTimersAfter(MINUTE);

        assertThat(client.isOpen()).isFalse();
        assertThat(edge.clients).isZero();
    }

    @Test
    void answerToARequestThatIsNotReadIsGivenTimeToArrive() {
        ClientChannel client = edge.client();

        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");

        assertThat(client.taken()).contains("Connection: close").endsWith(TEXT);
        assertThat(client.isOutputShutdown()).isTrue();
        assertThat(client.send("more that is thrown away").isOpen()).isTrue();
        edge.runTimersAfter(Duration.ofSeconds(3));
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void lineEndThatIsNoneIsRefusedWithoutALookAtTheRequestBefore() {
        ClientChannel client = edge.client().send("HEAD / HTTP/1.1\r\nHost: a\r\nX-Request-Id: first\r\n\r\n");
        assertThat(client.taken()).contains("X-Request-Id: first").doesNotEndWith(TEXT);

        client.send("\rx");

        assertThat(client.taken()).doesNotContain("first").endsWith("400 Bad Request: bad-request\n");
    }

    @Test
    void clientThatWasGoneBeforeItWasAcceptedIsNoFault() {
        new EmbeddedChannel(edge.stage()) {
            @Override
            protected SocketAddress remoteAddress0() {
                return null;
            }
        }.runPendingTasks();

        assertThat(edge.clients).isZero();
        assertThat(edge.context.clients().open()).isEmpty();
    }

    @Test
    void connectionsOverTheLimitDoNotKeepOthersOut() {
        Edge small = new Edge(Edge.settings().set("limits.connections", 1));
        ClientChannel first = small.client();
        ClientChannel over = small.client();
        assertThat(over.taken()).contains("X-Turnout-Error: too-many-connections");
        assertThat(over.isOpen()).isTrue();

        first.close();
        ClientChannel next = small.client().send(GET);

        assertThat(next.taken()).endsWith(TEXT);
    }
}
