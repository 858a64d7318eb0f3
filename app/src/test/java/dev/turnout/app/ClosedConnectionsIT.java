package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Turnout closes while a write waits in the kernel is closed for the peer as well. */
final class ClosedConnectionsIT {

    private static final int SMALL_BUFFER = 16 << 10;

    private static final int MUCH = 32 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void backendThatAnswersAmidABodySeesTheEnd(String transport) throws IOException {
        try (ServerSocket listening = listen();
                RunningProxy proxy = on(transport, listening);
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            send(client, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: " + MUCH + "\r\n\r\n", MUCH);
            try (Socket backend = listening.accept()) {
                awaitFull(backend.getInputStream());

                backend.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));

                assertThat(line(client.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
                assertEnds(backend);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void clientThatBreaksItsBodyAmidAnAnswerSeesTheEnd(String transport) throws IOException {
        try (ServerSocket listening = listen();
                RunningProxy proxy = on(transport, listening);
                Socket client = new Socket()) {
            client.setReceiveBufferSize(SMALL_BUFFER);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
            client.getOutputStream()
                    .write("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
                            .getBytes(ISO_8859_1));
            try (Socket backend = listening.accept()) {
                send(backend, "HTTP/1.1 200 OK\r\nContent-Length: " + MUCH + "\r\n\r\n", MUCH);
                awaitFull(client.getInputStream());

                client.getOutputStream().write("no chunk\r\n".getBytes(ISO_8859_1));

                assertEnds(client);
            }
        }
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket listening = new ServerSocket();
        listening.setReceiveBufferSize(SMALL_BUFFER);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return listening;
    }

    private static RunningProxy on(String transport, ServerSocket listening) {
        return proxy().set("transport", transport)
                .set("workers", 1)
                .set("timeouts.shutdown", "100ms")
                .blueAt("127.0.0.1:" + listening.getLocalPort())
                .start();
    }

    /** On a thread of its own, as nobody takes all of it. */
    private static void send(Socket socket, String head, int bytes) {
        Thread sender = new Thread(() -> {
            try {
                socket.getOutputStream().write(head.getBytes(ISO_8859_1));
                socket.getOutputStream().write(new byte[bytes]);
            } catch (IOException e) {
                // Its connection has ended, which is what the test is about.
            }
        });
        sender.setDaemon(true);
        sender.start();
    }

    /** Waits until no more comes for lack of room. */
    private static void awaitFull(InputStream in) throws IOException {
        int before = -1;
        for (int same = 0; same < 30; same++) {
            int now = in.available();
            if (now != before || now == 0) {
                same = 0;
            }
            before = now;
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    /** A {@link java.net.SocketTimeoutException} if it does not. */
    private static void assertEnds(Socket socket) throws IOException {
        socket.setSoTimeout((int) Await.PATIENCE.toMillis());
        byte[] some = new byte[64 << 10];
        try {
            long taken = 0;
            for (int read = 0; read >= 0; read = socket.getInputStream().read(some)) {
                taken += read;
            }
            assertThat(taken).isBetween(1L, (long) MUCH);
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }
}
