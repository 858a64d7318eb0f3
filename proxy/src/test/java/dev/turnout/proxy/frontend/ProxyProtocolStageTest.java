package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.SettingsBuilder;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Connections to a listener that takes the PROXY protocol from 192.0.2.0/24. */
final class ProxyProtocolStageTest {

    private static final String HEADER = "PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final Edge edge = new Edge(settings("192.0.2.0/24"));

    private static SettingsBuilder settings(String from) {
        return Edge.settings("127.0.0.1:1")
                .set("listeners", List.of(Map.of("bind", "127.0.0.1:0", "proxy-protocol-from", List.of(from))));
    }

    private static EmbeddedChannel client(Edge edge) {
        return new EmbeddedChannel(new ProxyProtocolStage(edge.context, edge.worker.worker())) {
            @Override
            protected SocketAddress remoteAddress0() {
                return new InetSocketAddress("192.0.2.7", 4711);
            }
        };
    }

    private static void send(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    }

    @Test
    void backendIsToldOfTheClientInTheHeader() {
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        EmbeddedChannel client = client(edge);

        send(client, HEADER + GET);

        assertThat(Edge.taken(backend)).contains("X-Forwarded-For: 203.0.113.9\r\n");
        assertThat(edge.clients).isEqualTo(1);
        client.close();
    }

    @Test
    void headerThatComesByteByByteIsTheSame() {
        EmbeddedChannel backend = edge.worker.idleConnection(edge.backend(0));
        EmbeddedChannel client = client(edge);

        for (char c : (HEADER + GET).toCharArray()) {
            send(client, String.valueOf(c));
        }

        assertThat(Edge.taken(backend)).contains("X-Forwarded-For: 203.0.113.9\r\n");
        client.close();
    }

    @Test
    void peerThatIsToSendAHeaderAndSendsNoneIsRefused() {
        EmbeddedChannel client = client(edge);

        send(client, GET);

        assertThat(Edge.taken(client)).startsWith("HTTP/1.1 400 ").contains("X-Turnout-Error: bad-proxy-header");
        assertThat(edge.finished).containsExactly("bad-proxy-header");
        client.close();
    }

    @Test
    void peerThatIsToSendAHeaderHasTheTimeOfARequestHead() {
        EmbeddedChannel client = client(edge);
        send(client, "PROXY ");

        edge.runTimersAfter(Duration.ofSeconds(11));

        assertThat(Edge.taken(client)).contains("X-Turnout-Error: bad-proxy-header");
        client.close();
    }

    @Test
    void peerThatLeavesWithoutAHeaderIsNoError() {
        EmbeddedChannel client = client(edge);

        client.close();

        assertThat(edge.finished).isEmpty();
        assertThat(edge.clients).isZero();
    }

    @Test
    void headerOfAPeerThatIsNotNamedIsGarbage() {
        Edge other = new Edge(settings("10.0.0.0/8"));
        EmbeddedChannel backend = other.worker.idleConnection(other.backend(0));
        EmbeddedChannel client = client(other);
        send(client, GET);
        assertThat(Edge.taken(backend)).contains("X-Forwarded-For: 192.0.2.7\r\n");
        client.close();

        EmbeddedChannel liar = client(other);
        send(liar, HEADER + GET);

        assertThat(Edge.taken(liar)).startsWith("HTTP/1.1 400 ").contains("X-Turnout-Error: bad-request");
        liar.close();
    }

    @Test
    void limitsAreThoseOfTheClientInTheHeader() {
        Edge limited = new Edge(settings("192.0.2.0/24").set("limits.connections-per-address", 1));
        EmbeddedChannel first = client(limited);
        send(first, HEADER);
        EmbeddedChannel other = client(limited);
        send(other, HEADER.replace("203.0.113.9", "203.0.113.10"));
        EmbeddedChannel second = client(limited);

        send(second, HEADER);

        assertThat(Edge.taken(other)).isEmpty();
        assertThat(Edge.taken(second)).contains("X-Turnout-Error: too-many-connections-of-address");
        first.close();
        other.close();
        second.close();
    }
}
