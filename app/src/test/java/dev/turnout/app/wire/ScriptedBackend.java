package dev.turnout.app.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.turnout.app.wire.WireCase.End;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: one thread accepts, each connection has its own, the test's thread says what is played. A backend that says
 * what a case has it say, byte for byte, and keeps all that it was sent.
 */
final class ScriptedBackend implements AutoCloseable {

    private static final String PROBE_ANSWER = "HTTP/1.1 200 OK\r\nX-Probe: yes\r\nContent-Length: 5\r\n\r\nprobe";
    private static final String PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    /** Long enough for an answer to have passed in most cases; what follows holds for whatever order comes of it. */
    private static final long MOMENT_MILLIS = 30;

    private static final int GOODBYE_MILLIS = 2000;

    private final ServerSocket server;
    private final AtomicInteger answered = new AtomicInteger();
    private final List<Peer> peers = new CopyOnWriteArrayList<>();
    /** Written by the test's thread between cases, read by the connections'. */
    private volatile WireCase.Script script = new WireCase.Script(List.of());

    private volatile boolean bytewise;
    /** Where our own connection comes from; as above. */
    private volatile int ours;

    private final Semaphore accepted = new Semaphore(0);

    ScriptedBackend() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("backend", this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Begins a case. */
    void play(WireCase.Script next, boolean splitAtEveryByte) {
        script = next;
        bytewise = splitAtEveryByte;
        answered.set(0);
    }

    /** Ends all connections and returns, connection by connection, what was received, once the proxy has ended them too. */
    List<String> finish() throws IOException, InterruptedException {
        acceptAllThatWait();
        List<Peer> ended = List.copyOf(peers);
        for (Peer peer : ended) {
            peer.finish();
        }
        peers.removeAll(ended);
        return ended.stream()
                .map(Peer::requests)
                .filter(bytes -> !bytes.isEmpty())
                .toList();
    }

    /** A connection opened for a request that was then refused may still wait to be accepted; they come in their order. */
    private void acceptAllThatWait() throws IOException, InterruptedException {
        try (Socket last = new Socket()) {
            last.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            ours = last.getLocalPort();
            last.connect(server.getLocalSocketAddress());
            if (!accepted.tryAcquire(GOODBYE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException("not accepted");
            }
        }
    }

    /** Waits until the proxy has ended every connection, at most so long. */
    void awaitGone(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (Peer peer : peers) {
            peer.thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Peer peer : peers) {
            peer.socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                if (socket.getPort() == ours) {
                    socket.close();
                    accepted.release();
                    continue;
                }
                Peer peer = new Peer(socket);
                peers.add(peer);
                peer.thread.start();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static Thread start(String name, Runnable run) {
        Thread thread = new Thread(run, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Confined to its own thread but for {@link #finish} and {@link #requests}. */
    private final class Peer {
        private final Socket socket;
        private final Thread thread = new Thread(this::serve, "backend connection");
        private final StringBuilder received = new StringBuilder();
        private int read;
        private boolean headSeen;
        /** Where the bytes of a tunnel begin; written by the connection's thread, read by the test's. */
        private volatile int tunnelFrom = -1;

        Peer(Socket socket) {
            this.socket = socket;
            thread.setDaemon(true);
        }

        /** What came as requests; read when the thread has ended. */
        String requests() {
            return tunnelFrom < 0 ? received.toString() : received.substring(0, tunnelFrom);
        }

        void finish() throws InterruptedException {
            try {
                socket.shutdownOutput();
            } catch (IOException e) {
                // It has ended already.
            }
            thread.join(GOODBYE_MILLIS);
            close(false);
            thread.join(GOODBYE_MILLIS);
        }

        private void serve() {
            byte[] buffer = new byte[64 << 10];
            try {
                socket.setTcpNoDelay(true);
                for (int n = socket.getInputStream().read(buffer);
                        n >= 0;
                        n = socket.getInputStream().read(buffer)) {
                    received.append(new String(buffer, 0, n, ISO_8859_1));
                    answerWhatIsThere();
                }
            } catch (IOException e) {
                // What was received until now is what counts.
            }
            close(false);
        }

        private void answerWhatIsThere() throws IOException {
            while (read < received.length()) {
                if (tunnelFrom >= 0) {
                    say("echo:" + received.substring(read));
                    read = received.length();
                    return;
                }
                StrictRequests.Found found = StrictRequests.next(received.toString(), read);
                StrictRequests.Request request = found.request();
                if (request != null && !headSeen) {
                    headSeen = true;
                    WireCase.@Nullable Reply reply = reply(answered.get());
                    if (reply != null && !Observed.isProbe(request)) {
                        say(reply.atHead());
                    }
                }
                if (found.state() != StrictRequests.State.WHOLE || request == null) {
                    return;
                }
                read = found.end();
                headSeen = false;
                if (Observed.isProbe(request)) {
                    say(PROBE_ANSWER);
                } else {
                    perform(reply(answered.getAndIncrement()));
                }
            }
        }

        private WireCase.@Nullable Reply reply(int number) {
            List<WireCase.Reply> replies = script.replies();
            return number < replies.size() ? replies.get(number) : null;
        }

        private void perform(WireCase.@Nullable Reply reply) throws IOException {
            if (reply == null) {
                say(PLAIN);
                return;
            }
            if (reply.atEnd().startsWith("HTTP/1.1 101")) {
                tunnelFrom = read;
            }
            say(reply.atEnd(), bytewise && !reply.whole());
            if (!reply.later().isEmpty()) {
                moment();
                say(reply.later());
            }
            if (reply.end() != End.STAYS) {
                // A reset that overtakes what was said would destroy it.
                moment();
                close(reply.end() == End.RESET);
            }
        }

        private void say(String bytes) throws IOException {
            say(bytes, bytewise);
        }

        private void say(String bytes, boolean oneByOne) throws IOException {
            OutputStream out = socket.getOutputStream();
            byte[] all = bytes.getBytes(ISO_8859_1);
            int step = !oneByOne ? all.length : all.length > 3000 ? 61 : 1;
            for (int i = 0; i < all.length; i += step) {
                out.write(all, i, Math.min(step, all.length - i));
            }
        }

        private void close(boolean reset) {
            try {
                if (reset) {
                    socket.setSoLinger(true, 0);
                }
                socket.close();
            } catch (IOException e) {
                // It is gone, which is all that was wanted.
            }
        }
    }

    private static void moment() {
        try {
            Thread.sleep(MOMENT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
