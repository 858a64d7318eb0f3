package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What lives long on a drained pool is ended as its protocol has it: kept, at a pace, or at once. */
final class PacedDrainIT {

    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    /** A Close frame with 1012 from a server. */
    private static final String CLOSE = "\u0088\u0002\u0003\u00f4";

    /** The answer of a client. */
    private static final String MASKED_CLOSE = "\u0088\u0082\0\0\0\0\u0003\u00f4";

    private static final String TEXT = "\u0081\u0005hello";

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @AfterEach
    void end() {
        gate.countDown();
        green.close();
    }

    /** Accepts WebSockets, sends each a frame, and keeps what it is sent. */
    private static final class WebSocketBackend implements AutoCloseable {
        private final ServerSocket server;
        private final List<Socket> sockets = new ArrayList<>();
        final ConcurrentLinkedQueue<byte[]> heard = new ConcurrentLinkedQueue<>();
        private final String first;

        WebSocketBackend(String first) throws IOException {
            this.first = first;
            server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
            start(this::accept);
        }

        String address() {
            return "127.0.0.1:" + server.getLocalPort();
        }

        private static void start(Runnable task) {
            Thread thread = new Thread(task, "websocket");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() {
            try {
                while (true) {
                    Socket socket = server.accept();
                    synchronized (sockets) {
                        sockets.add(socket);
                    }
                    start(() -> serve(socket));
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        private void serve(Socket socket) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            try (socket) {
                InputStream in = socket.getInputStream();
                while (!all.toString(StandardCharsets.ISO_8859_1).contains("\r\n\r\n")) {
                    all.write(in.read());
                }
                all.reset();
                socket.getOutputStream().write((SWITCHED + first).getBytes(StandardCharsets.ISO_8859_1));
                for (int b = in.read(); b >= 0; b = in.read()) {
                    all.write(b);
                }
            } catch (IOException e) {
                // Cut.
            }
            heard.add(all.toByteArray());
        }

        @Override
        public void close() throws IOException {
            server.close();
            synchronized (sockets) {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }

    private static RawClient open(RunningProxy proxy) throws IOException {
        RawClient client = proxy.client();
        client.send(client.request("GET", "/chat?secret=1", "Connection: Upgrade", "Upgrade: websocket") + "\r\n");
        assertThat(client.read().status()).isEqualTo(101);
        return client;
    }

    private RunningProxy start(WebSocketBackend blue, String websockets, int rate) {
        return proxy().blueAt(blue.address())
                .green(green)
                .set("drain.websockets", websockets)
                .set("drain.rate", rate)
                .set("drain.jitter", 0)
                .start();
    }

    private static byte[] unmasked(byte[] frame) {
        byte[] payload = new byte[frame.length - 6];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) (frame[6 + i] ^ frame[2 + i % 4]);
        }
        return payload;
    }

    @Test
    void webSocketsAreClosedOneAfterTheOtherWithServiceRestart() throws Exception {
        try (WebSocketBackend blue = new WebSocketBackend(TEXT);
                RunningProxy proxy = start(blue, "pace", 200)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                RawClient client = open(proxy);
                assertThat(client.readTunnel(TEXT.length())).isEqualTo(TEXT);
                clients.add(client);
            }
            JsonNode drain = json(proxy.get("/admin/pools/blue/drain?limit=3"));
            assertThat(drain.path("drain").isNull()).isTrue();
            assertThat(drain.path("oldest")).hasSize(3);
            assertThat(drain.at("/oldest/0/class").asText()).isEqualTo("websocket");
            assertThat(drain.at("/oldest/0/path").asText()).isEqualTo("/chat");
            assertThat(drain.at("/oldest/0/ageMs").asLong())
                    .isGreaterThanOrEqualTo(drain.at("/oldest/2/ageMs").asLong());

            proxy.switchTo(Colour.GREEN);
            // Each is closed when its client has answered; at 20 in a tenth of a second there is a moment with some
            // ended
            // and some not. The last one never answers.
            RawClient silent = clients.remove(199);
            for (RawClient client : clients) {
                assertThat(client.readTunnel(CLOSE.length())).isEqualTo(CLOSE);
                client.send(MASKED_CLOSE);
                assertThat(client.closedByPeer()).isTrue();
                client.close();
            }
            assertThat(silent.readTunnel(CLOSE.length())).isEqualTo(CLOSE);
            assertThat(silent.closedByPeer()).isTrue();
            silent.close();
            Await.until(
                    "all to be gone",
                    () -> proxy.status().at("/pools/blue/drained").asBoolean());
            Await.until("the backend to have heard", () -> blue.heard.size() == 200);
            for (byte[] heard : blue.heard) {
                assertThat(heard).hasSize(8);
                assertThat(heard[0]).isEqualTo((byte) 0x88);
                assertThat(unmasked(heard)).containsExactly(3, 0xf4);
            }
            assertThat(proxy.metrics().value("turnout_drain_ended_total{class=\"websocket\"}"))
                    .isEqualTo(200);
        }
    }

    private static int tunnels(RunningProxy proxy) {
        return proxy.status().at("/pools/blue/tunnels").asInt();
    }

    @Test
    void closeIsNeverPutIntoAFrame() throws Exception {
        String half = "\u0082\nhalf ";
        try (WebSocketBackend blue = new WebSocketBackend(half);
                RunningProxy proxy = start(blue, "cut", 50);
                RawClient client = open(proxy)) {
            assertThat(client.readTunnel(half.length())).isEqualTo(half);

            proxy.switchTo(Colour.GREEN);

            // The rest never comes: after some seconds the client sees an end, and no frame that is none.
            assertThat(client.closedByPeer()).isTrue();
        }
    }

    @Test
    void kindThatIsKeptStays() throws Exception {
        try (WebSocketBackend blue = new WebSocketBackend(TEXT);
                RunningProxy proxy = start(blue, "keep", 50);
                RawClient client = open(proxy)) {
            proxy.switchTo(Colour.GREEN);
            proxy.switchTo(Colour.BLUE);
            proxy.switchTo(Colour.GREEN);

            assertThat(client.readTunnel(TEXT.length())).isEqualTo(TEXT);
            assertThat(tunnels(proxy)).isEqualTo(1);
            assertThat(proxy.metrics().value("turnout_drain_ended_total{class=\"websocket\"}"))
                    .isZero();
        }
    }

    @Test
    void eventStreamEndsBehindAnEventAndTheConnectionGoesOn() throws Exception {
        Answer stream = new Answer(List.of())
                .thenSend("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Answer.chunk("data: 1\n\n"))
                .thenHold(gate);
        try (RecordingBackend blue = RecordingBackend.start(request -> stream);
                RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .set("drain.event-streams", "cut")
                        .start();
                RawClient client = proxy.client()) {
            client.send(client.request("GET", "/events") + "\r\n");
            proxy.awaitBlueInFlight(1);
            Await.until(
                    "the event",
                    () -> json(proxy.get("/admin/pools/blue/drain"))
                                    .at("/oldest/0/responseBytes")
                                    .asInt()
                            == 9);

            proxy.switchTo(Colour.GREEN);

            Response answer = client.readFinal("GET");
            assertThat(answer.text()).isEqualTo("data: 1\n\n");
            assertThat(client.get("/").text()).isEqualTo("green");
            assertThat(proxy.metrics().value("turnout_drain_ended_total{class=\"event-stream\"}"))
                    .isEqualTo(1);
        }
    }
}
