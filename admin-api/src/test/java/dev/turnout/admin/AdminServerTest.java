package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.AdminSettings;
import dev.turnout.config.SocketBind;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdminServerTest {

    private final FakeControl control = new FakeControl();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    @Test
    void commandAndViewGoOverRealSockets() throws Exception {
        AdminServer server = start("127.0.0.1", 0, Optional.empty());

        HttpResponse<String> view = client.send(to(server, "/admin/status").build(), BodyHandlers.ofString());
        HttpResponse<String> command = client.send(
                to(server, "/admin/switch")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"to\":\"green\"}"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(view.statusCode()).isEqualTo(200);
        assertThat(view.headers().firstValue("ETag")).contains("\"r42\"");
        assertThat(command.statusCode()).isEqualTo(200);
        assertThat(command.body()).contains("\"to\":\"green\"");
    }

    @Test
    void readinessEndsWithTheAnnouncedShutdown() throws Exception {
        AdminServer server = start("127.0.0.1", 0, Optional.empty());
        HttpRequest ready = to(server, "/health/ready").build();
        assertThat(client.send(ready, BodyHandlers.ofString()).statusCode()).isEqualTo(200);

        server.announceShutdown();

        assertThat(client.send(ready, BodyHandlers.ofString()).statusCode()).isEqualTo(503);
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndTheOthersServed() throws Exception {
        AdminServer server = start("127.0.0.1", 0, Optional.empty());
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < AdminPipeline.CONNECTIONS; i++) {
            Socket socket = connect(server);
            assertThat(ask(socket)).startsWith("HTTP/1.1 200 OK");
            sockets.add(socket);
        }

        Socket tooMany = connect(server);

        assertThat(tooMany.getInputStream().read()).isEqualTo(-1);
        assertThat(ask(sockets.get(0))).startsWith("HTTP/1.1 200 OK");
    }

    @Test
    void refusedBodyIsToldToAClientThatIsStillSending() throws Exception {
        AdminServer server = start("127.0.0.1", 0, Optional.empty());
        Socket socket = connect(server);
        String head = "POST /admin/switch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(new byte[4_000_000]);

        String reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(reply).startsWith("HTTP/1.1 413 ").contains("payload-too-large");
    }

    @Test
    void portInUseIsToldInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start("127.0.0.1", taken.getLocalPort(), Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "cannot listen on 127.0.0.1:%d: address already in use".formatted(taken.getLocalPort()));
        }
    }

    @Test
    void hostThatNobodyKnowsIsToldInOneLine() {
        assertThatThrownBy(() -> start("no-such-host.invalid", 0, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on no-such-host.invalid:0: unknown host");
    }

    @Test
    void openAddressWithoutTokensIsRefused() {
        assertThatThrownBy(() -> start("0.0.0.0", 0, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("admin.token-file");
    }

    @Test
    void brokenTokenFileIsRefused() {
        assertThatThrownBy(() -> start("127.0.0.1", 0, Optional.of(Path.of("no-such-file"))))
                .isInstanceOf(IOException.class)
                .hasMessage("admin.token-file no-such-file: cannot be read (NoSuchFileException)");
    }

    @Test
    void tokensCanBeCheckedWithoutAServer(@TempDir Path folder) throws IOException {
        Path good = Files.writeString(folder.resolve("good"), "ci operator " + "0a".repeat(32) + "\n");
        Path bad = Files.writeString(folder.resolve("bad"), "# tokens\nci operator s3cret\n");

        AdminServer.checkTokens(new AdminSettings(new SocketBind("127.0.0.1", 0), Optional.of(good), List.of()));

        assertThatThrownBy(() -> AdminServer.checkTokens(
                        new AdminSettings(new SocketBind("127.0.0.1", 0), Optional.of(bad), List.of())))
                .isInstanceOf(IOException.class)
                .hasMessage("admin.token-file " + bad
                        + ":2: expected: name, viewer|operator|admin, SHA-256 in hexadecimal");
    }

    private AdminServer start(String host, int port, Optional<Path> tokenFile) throws IOException {
        AdminServer server = new AdminServer(
                new AdminSettings(new SocketBind(host, port), tokenFile, List.of()),
                Duration.ofMinutes(5),
                loop -> control,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        opened.add(server);
        server.start();
        return server;
    }

    private Socket connect(AdminServer server) throws IOException {
        Socket socket = new Socket();
        opened.add(socket);
        socket.connect(server.boundAddress());
        return socket;
    }

    /** One request over a connection that stays open. */
    private static String ask(Socket socket) throws IOException {
        String request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder reply = new StringBuilder();
        while (!reply.toString().endsWith("}\n")) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            reply.append((char) next);
        }
        return reply.toString();
    }

    private static HttpRequest.Builder to(AdminServer server, String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.boundAddress().getPort() + path));
    }
}
