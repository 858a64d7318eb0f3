package dev.turnout.app.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnout.app.fixture.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Confined to one thread. HAProxy or nginx as an ordinary reverse proxy, with a port for each backend. Its settings are those
 * of its manual's first example: what it does without being told to do otherwise is what is to be shown.
 */
final class PeerProgram implements AutoCloseable {

    /** The programs that Turnout is compared with. */
    enum Kind {
        HAPROXY("HAProxy", "/usr/sbin/haproxy", "-v"),
        NGINX("nginx", "/usr/sbin/nginx", "-v");

        private final String title;
        private final Path binary;
        private final String versionFlag;

        Kind(String title, String binary, String versionFlag) {
            this.title = title;
            this.binary = Path.of(binary);
            this.versionFlag = versionFlag;
        }

        String title() {
            return title;
        }

        boolean isInstalled() {
            return Files.isExecutable(binary);
        }

        /** The version it tells, a number such as 2.6.12. */
        String version() throws IOException, InterruptedException {
            Process told = new ProcessBuilder(binary.toString(), versionFlag)
                    .redirectErrorStream(true)
                    .start();
            String text = new String(told.getInputStream().readAllBytes(), UTF_8);
            told.waitFor();
            return text.replaceFirst("(?s).*?([0-9]+\\.[0-9]+\\.[0-9]+).*", "$1");
        }
    }

    /** A local proxy answers in far less; only where nothing comes is this waited for. */
    private static final int PATIENCE_MILLIS = 700;

    private final Path folder;
    private final Process process;
    private final List<ScriptedBackend> backends = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();

    PeerProgram(Kind kind, int count) throws IOException {
        folder = Files.createTempDirectory("turnout-wire-" + kind.title());
        for (int i = 0; i < count; i++) {
            backends.add(new ScriptedBackend());
        }
        // After the backends, which would take one of them.
        List<Integer> ports = freePorts(count);
        for (int i = 0; i < count; i++) {
            lanes.add(new Lane(ports.get(i), backends.get(i), PATIENCE_MILLIS));
        }
        Path config = folder.resolve("config");
        Files.writeString(config, kind == Kind.HAPROXY ? haproxy() : nginx());
        ProcessBuilder start = kind == Kind.HAPROXY
                ? new ProcessBuilder(kind.binary.toString(), "-db", "-f", config.toString())
                : new ProcessBuilder(kind.binary.toString(), "-p", folder.toString(), "-c", config.toString());
        process = start.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        ports.forEach(port -> Await.until(kind.title() + " serves", () -> isServed(port)));
    }

    List<Lane> lanes() {
        return List.copyOf(lanes);
    }

    private String haproxy() {
        StringBuilder text = new StringBuilder("""
                global
                  maxconn 2000
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 30s
                  timeout server 30s
                  option forwardfor
                """);
        for (int i = 0; i < lanes.size(); i++) {
            text.append("frontend f" + i + "\n  bind 127.0.0.1:" + lanes.get(i).port() + "\n  default_backend b" + i
                    + "\n");
            text.append("backend b" + i + "\n  server s " + backends.get(i).address() + "\n");
        }
        return text.toString();
    }

    private String nginx() {
        StringBuilder text = new StringBuilder("""
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
                """);
        for (int i = 0; i < lanes.size(); i++) {
            text.append(
                    "upstream b" + i + " { server " + backends.get(i).address() + " max_fails=0; keepalive 16; }\n");
            text.append("server { listen 127.0.0.1:" + lanes.get(i).port() + "; location / {");
            text.append(" proxy_pass http://b" + i + "; proxy_http_version 1.1; proxy_set_header Host $host;");
            text.append(" proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;");
            text.append(
                    " proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; } }\n");
        }
        return text.append("}\n").toString();
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return ports;
    }

    private static boolean isServed(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        for (ScriptedBackend backend : backends) {
            backend.close();
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
