package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.Behaviour;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who does not read stops the one who sends, and the proxy keeps next to nothing of what is on its way. */
final class BackPressureIT {

    private static final int PIECE = 64 << 10;
    private static final long LENGTH = 64L << 20;
    /** All the kernel's buffers between the two ends, which grow by themselves, hold less. */
    private static final long MOST_UNDER_WAY = 56L << 20;

    private static final double MOST_KEPT = 16 << 20;

    private final byte[] piece = new byte[PIECE];
    private final AtomicLong sent = new AtomicLong();
    private final long checksum;

    BackPressureIT() {
        new Random(1).nextBytes(piece);
        CRC32C crc = new CRC32C();
        for (long done = 0; done < LENGTH; done += PIECE) {
            crc.update(piece);
        }
        checksum = crc.getValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void downloadWaitsForAClientThatDoesNotRead(String transport) throws IOException {
        try (ServerSocket backend = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningProxy proxy = proxy().set("transport", transport)
                        .set("workers", 1)
                        .set("timeouts.shutdown", "1s")
                        .blueAt("127.0.0.1:" + backend.getLocalPort())
                        .start();
                RawClient client = proxy.client()) {
            double before = memory(proxy);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> serve(backend));

            client.send(client.request("GET", "/") + "\r\n");
            awaitStall();

            assertThat(sending).isNotDone();
            assertThat(sent.get()).isLessThan(MOST_UNDER_WAY);
            assertThat(memory(proxy) - before).isLessThan(MOST_KEPT);

            Response response = client.readFinal("GET");

            assertThat(response.body().length()).isEqualTo(LENGTH);
            assertThat(response.body().crc32c()).isEqualTo(checksum);
            sending.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void uploadWaitsForABackendThatDoesNotRead(String transport) throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        try (RecordingBackend backend = RecordingBackend.start(new Reluctant(gate));
                RunningProxy proxy = proxy().set("transport", transport)
                        .set("workers", 1)
                        .set("timeouts.shutdown", "1s")
                        .blue(backend)
                        .start();
                RawClient client = proxy.client()) {
            double before = memory(proxy);
            client.send(client.request("POST", "/", "Content-Length: " + LENGTH) + "\r\n");

            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendBody(client));
            awaitStall();

            assertThat(sending).isNotDone();
            assertThat(sent.get()).isLessThan(MOST_UNDER_WAY);
            assertThat(memory(proxy) - before).isLessThan(MOST_KEPT);
            gate.countDown();

            assertThat(client.readFinal("POST").text()).isEqualTo(LENGTH + " " + checksum);
            sending.join();
        }
    }

    /** Leaves the body unread until the gate opens. */
    private record Reluctant(CountDownLatch gate) implements Behaviour {
        @Override
        public Answer answer(RecordedRequest request) {
            return Answer.ok(request.body().length() + " " + request.body().crc32c());
        }

        @Override
        public Answer beforeBody(RecordedRequest head) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        }
    }

    /** Answers the first connection, whatever it asks. */
    private void serve(ServerSocket backend) {
        try (Socket connection = backend.accept()) {
            OutputStream out = connection.getOutputStream();
            assertThat(connection.getInputStream().read(new byte[PIECE])).isPositive();
            out.write(
                    ("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            for (long done = 0; done < LENGTH; done += PIECE) {
                out.write(piece);
                sent.addAndGet(PIECE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void sendBody(RawClient client) {
        try {
            for (long done = 0; done < LENGTH; done += PIECE) {
                client.send(piece);
                sent.addAndGet(PIECE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when nothing was sent for so long that it seems to stand; being wrong makes the test weaker, not red. */
    private void awaitStall() {
        long[] last = {0, 0};
        Await.until("the sender stands", () -> {
            long now = sent.get();
            last[1] = now == last[0] && now > 0 ? last[1] + 1 : 0;
            last[0] = now;
            return last[1] >= 300;
        });
    }

    private static double memory(RunningProxy proxy) {
        return proxy.metrics().value("netty_allocator_memory_used_bytes{memory_type=\"direct\"}");
    }
}
