package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PROXY protocol from a load balancer in front, and to backends that want it. */
final class ProxyProtocolIT {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final ServerSocket listener;
    /** What each connection to the backend brought, up to the end of a request or of the connection. */
    private final BlockingQueue<String> connections = new LinkedBlockingQueue<>();

    ProxyProtocolIT() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::acceptAll, "proxy-protocol-backend");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder read = new StringBuilder();
                for (int c = in.read(); c >= 0; c = in.read()) {
                    read.append((char) c);
                    if (read.indexOf("HTTP/1.1") > 0 && read.indexOf("\r\n\r\n", read.indexOf("HTTP/1.1")) > 0) {
                        socket.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII));
                        break;
                    }
                }
                connections.add(read.toString());
            } catch (IOException e) {
                // The test is over.
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    private String nextConnection() throws InterruptedException {
        return String.valueOf(connections.poll(30, TimeUnit.SECONDS));
    }

    private String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private static String latin(String hex) {
        return new String(HexFormat.of().parseHex(hex.replace(" ", "")), StandardCharsets.ISO_8859_1);
    }

    @Test
    void clientIsTheOneThatTheLoadBalancerNames() throws Exception {
        List<?> listeners = List.of(Map.of("bind", "127.0.0.1:0", "proxy-protocol-from", List.of("127.0.0.0/8")));
        try (RunningProxy proxy =
                        proxy().blueAt(address()).set("listeners", listeners).start();
                RawClient balancer = proxy.client()) {

            balancer.send("PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n");

            assertThat(balancer.get("/").status()).isEqualTo(200);
            assertThat(nextConnection()).startsWith("GET / ").contains("X-Forwarded-For: 203.0.113.9\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void backendIsToldOfEachClientOnAConnectionOfItsOwn(String version) throws Exception {
        List<?> listeners = List.of(Map.of("bind", "127.0.0.1:0", "proxy-protocol-from", List.of("127.0.0.0/8")));
        try (RunningProxy proxy = proxy().blueAt(address())
                        .set("listeners", listeners)
                        .set("pools.blue.proxy-protocol", version)
                        .start();
                RawClient balancer = proxy.client()) {
            balancer.send("PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n");

            for (int i = 0; i < 2; i++) {
                assertThat(balancer.get("/").status()).isEqualTo(200);

                String expected = version.equals("v1")
                        ? "PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\nGET / "
                        : "\r\n\r\n\0\r\nQUIT\n" + latin("21 11 000c cb007109 c6336402 1267 01bb") + "GET / ";
                assertThat(nextConnection()).startsWith(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "http"})
    void probesSayThatTheySpeakForThemselves(String kind) throws Exception {
        try (RunningProxy proxy = proxy().blueAt(address())
                .set("health.kind", kind)
                .set("pools.blue.proxy-protocol", "v1")
                .start()) {

            assertThat(nextConnection())
                    .startsWith(kind.equals("tcp") ? "PROXY UNKNOWN\r\n" : "PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n");
            assertThat(proxy.status().at("/pools/blue/healthy").asInt()).isEqualTo(1);
        }
    }
}
