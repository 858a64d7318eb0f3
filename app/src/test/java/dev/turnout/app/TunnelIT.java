package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tunnels over real sockets, whose two directions end by themselves. */
final class TunnelIT {

    private static final String ACCEPT =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

    private final ServerSocket listener;
    private final List<Socket> accepted = new ArrayList<>();

    TunnelIT() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(30_000);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : accepted) {
            socket.close();
        }
        listener.close();
    }

    private RunningProxy.Plan plan(String transport) {
        return proxy().blueAt("127.0.0.1:" + listener.getLocalPort())
                .set("transport", transport)
                .set("workers", 1);
    }

    /** The backend's end of a tunnel that a client has asked for. */
    private Socket accept() throws IOException {
        Socket socket = listener.accept();
        accepted.add(socket);
        socket.setSoTimeout(30_000);
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        assertThat(head).contains("Upgrade: echo\r\n");
        return socket;
    }

    private static void send(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    private static void ask(RawClient client, String early) throws IOException {
        client.send(client.request("GET", "/", "Connection: Upgrade", "Upgrade: echo") + "\r\n" + early);
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void bytesAreNeitherLostNorMixedUpAroundTheUpgrade(String transport) throws IOException {
        try (RunningProxy proxy = plan(transport).start();
                RawClient client = proxy.client()) {
            ask(client, "early ");
            Socket backend = accept();

            send(backend, ACCEPT + "hello");

            assertThat(client.read().status()).isEqualTo(101);
            assertThat(client.readTunnel(5)).isEqualTo("hello");
            client.send("late");
            assertThat(read(backend, 10)).isEqualTo("early late");
            backend.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void endOfTheBackendLeavesTheOtherDirectionOpen(String transport) throws IOException {
        try (RunningProxy proxy = plan(transport).start();
                RawClient client = proxy.client()) {
            ask(client, "");
            Socket backend = accept();
            send(backend, ACCEPT + "bye");

            backend.shutdownOutput();

            assertThat(client.read().status()).isEqualTo(101);
            assertThat(client.readTunnel(3)).isEqualTo("bye");
            assertThat(client.closedByPeer()).isTrue();
            client.send("and thanks");
            assertThat(read(backend, 10)).isEqualTo("and thanks");
            assertThat(proxy.status().at("/pools/blue/tunnels").asInt()).isEqualTo(1);
            client.halfClose();
            assertThat(backend.getInputStream().read()).isEqualTo(-1);
            proxy.awaitBlueInFlight(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void endOfTheClientLeavesTheOtherDirectionOpen(String transport) throws IOException {
        try (RunningProxy proxy = plan(transport).start();
                RawClient client = proxy.client()) {
            ask(client, "");
            Socket backend = accept();
            send(backend, ACCEPT);
            assertThat(client.read().status()).isEqualTo(101);

            client.send("question");
            client.halfClose();

            assertThat(read(backend, 8)).isEqualTo("question");
            assertThat(backend.getInputStream().read()).isEqualTo(-1);
            send(backend, "answer");
            assertThat(client.readTunnel(6)).isEqualTo("answer");
            backend.close();
            assertThat(client.closedByPeer()).isTrue();
            proxy.awaitBlueInFlight(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void resetOfEitherSideEndsIt(String transport) throws IOException {
        try (RunningProxy proxy = plan(transport).start();
                RawClient first = proxy.client();
                RawClient second = proxy.client()) {
            ask(first, "");
            Socket backend = accept();
            send(backend, ACCEPT);
            assertThat(first.read().status()).isEqualTo(101);
            backend.setSoLinger(true, 0);
            backend.close();
            assertThat(first.closedByPeer()).isTrue();

            ask(second, "");
            Socket other = accept();
            send(other, ACCEPT);
            assertThat(second.read().status()).isEqualTo(101);
            second.reset();
            assertThat(other.getInputStream().read()).isEqualTo(-1);
            proxy.awaitBlueInFlight(0);
        }
    }

    @Test
    void switchCutsNoTunnelAndADrainWaitsForThem() throws IOException {
        try (RunningProxy proxy = plan("auto").start();
                RawClient client = proxy.client()) {
            ask(client, "");
            Socket backend = accept();
            send(backend, ACCEPT);
            assertThat(client.read().status()).isEqualTo(101);

            proxy.post("/admin/switch", "{\"to\":\"green\",\"force\":true}");

            client.send("ping");
            assertThat(read(backend, 4)).isEqualTo("ping");
            send(backend, "pong");
            assertThat(client.readTunnel(4)).isEqualTo("pong");
            assertThat(proxy.status().at("/pools/blue/draining").asBoolean()).isTrue();
            assertThat(proxy.status().at("/active").asText()).isEqualTo(Colour.GREEN.label());
            proxy.post("/admin/pools/blue/drain", "{\"deadline\":\"1ms\",\"onDeadline\":\"close\"}");
            assertThat(client.closedByPeer()).isTrue();
            proxy.awaitBlueInFlight(0);
        }
    }
}
