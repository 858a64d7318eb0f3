package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.release.Told;
import dev.turnout.proxy.routing.Pool;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of a request whose attempt has failed, without sockets. */
final class FurtherAttemptTest {

    private static final String POST = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nfoobar";
    private static final String GET = "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Confined to one thread. A socket for which no port is left. */
    public static final class Portless extends EmbeddedChannel {

        /** As the event loop makes it. */
        public Portless() {
            super(false, false);
        }

        @Override
        public ChannelFuture connect(SocketAddress remote, ChannelPromise promise) {
            return promise.setFailure(new BindException("Cannot assign requested address: " + remote));
        }
    }

    /** Confined to one thread. A socket that is connected at once. */
    public static final class Connected extends EmbeddedChannel {

        /** As the event loop makes it. */
        public Connected() {
            super(false, false);
        }
    }

    @Test
    void requestWithoutASocketGoesToABackendThatHasAnIdleConnection() {
        Edge edge = new Edge(Edge.settings("127.0.0.1:1", "127.0.0.1:2"), Portless.class);
        EmbeddedChannel idle = edge.worker.idleConnection(edge.backend(1));
        ClientChannel client = edge.client();

        // A turn of the first one is among them, or two.
        for (int i = 0; i < 2; i++) {
            client.send(POST);
            edge.worker.runTasks();
            assertThat(Edge.taken(idle)).startsWith("POST /p ").endsWith("\r\n\r\nfoobar");
            Edge.answer(idle, OK);
            edge.worker.runTasks();
            assertThat(client.taken()).endsWith("ok");
        }

        assertThat(edge.retried).isNotEmpty().containsOnly("no-socket");
        assertThat(edge.backend(0).failures(FailureKind.CONNECT)).isZero();
        // Of what was mended the judge hears nothing.
        assertThat(Told.requests(edge.evidence, Colour.BLUE)).isEqualTo(2 - edge.retried.size());
        assertThat(Told.errors(edge.evidence, Colour.BLUE)).isZero();
        edge.close();
    }

    @Test
    void requestWithoutASocketAnywhereIsToldSoAndNoBackendIsBlamed() {
        Edge edge = new Edge(Edge.settings("127.0.0.1:1", "127.0.0.1:2"), Portless.class);
        ClientChannel client = edge.client();

        client.send(POST);
        for (int i = 0; i < 3; i++) {
            edge.worker.runTasks();
        }

        assertThat(client.taken()).startsWith("HTTP/1.1 503 ").contains("X-Turnout-Error: no-socket\r\n");
        assertThat(edge.retried).containsExactly("no-socket", "no-socket");
        for (FailureKind kind : FailureKind.values()) {
            assertThat(edge.backend(0).failures(kind) + edge.backend(1).failures(kind))
                    .isZero();
        }
        assertThat(Told.requests(edge.evidence, Colour.BLUE)).isZero();
        assertThat(edge.inFlight()).isZero();
        edge.close();
    }

    @Test
    void furtherAttemptWhoseBackendIsDrainedWhileItConnectsAvoidsTheOneThatFailed() {
        Edge edge = new Edge(
                Edge.settings("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3").set("retries.retry-on", List.of(503)),
                Connected.class);
        List<EmbeddedChannel> idle = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            idle.add(edge.worker.idleConnection(edge.backend(i)));
        }
        ClientChannel client = edge.client().send(GET);
        int failed = firstThat(i -> !Edge.taken(idle.get(i)).isEmpty());
        for (int i = 0; i < 3; i++) {
            if (i != failed) {
                idle.get(i).close();
            }
        }
        Edge.answer(idle.get(failed), "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
        int drained = firstThat(i -> edge.backend(i).inFlight() > 0);
        int other = 3 - failed - drained;
        EmbeddedChannel again = edge.worker.idleConnection(edge.backend(failed));
        EmbeddedChannel well = edge.worker.idleConnection(edge.backend(other));

        // What is left goes to the one that failed, but for a hundredth.
        edge.setBlue(List.of(
                new Pool.Member(edge.backend(failed), 100),
                new Pool.Member(edge.backend(drained), 1, Pool.Duty.DRAINED),
                new Pool.Member(edge.backend(other), 1)));
        edge.backend(drained).close();
        edge.worker.runTasks();

        assertThat(Edge.taken(again)).isEmpty();
        assertThat(Edge.taken(well)).startsWith("GET /g ");
        Edge.answer(well, OK);
        assertThat(client.taken()).endsWith("ok");
        // One request is one, however often it began.
        assertThat(Told.requests(edge.evidence, Colour.BLUE)).isEqualTo(1);
        assertThat(Told.errors(edge.evidence, Colour.BLUE)).isEqualTo(1);
        assertThat(edge.inFlight()).isZero();
        edge.close();
    }

    private static int firstThat(IntPredicate is) {
        return IntStream.range(0, 3).filter(is).findFirst().orElseThrow();
    }
}
