package dev.turnout.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ByteRingTest {

    private final ByteRing ring = new ByteRing(16);

    @Test
    void lineThatDoesNotFitIsRefusedWhole() throws IOException {
        assertThat(offer("0123456789\n")).isTrue();
        assertThat(offer("abcdef\n")).isFalse();
        assertThat(offer("abcd\n")).isTrue();
        assertThat(offer("\n")).isFalse();

        assertThat(drain()).isEqualTo("0123456789\nabcd\n");
    }

    @Test
    void linesComeOutWholeWhereverTheRingWraps() throws IOException {
        for (int i = 0; i < 100; i++) {
            String line = "line " + i + "\n";

            assertThat(offer(line)).isTrue();

            assertThat(drain()).isEqualTo(line);
        }
    }

    @Test
    void whatWaitsIsCountedInLines() throws IOException {
        offer("before the wrap\n");
        drain();
        offer("a\n");
        offer("b\n");

        assertThat(ring.lines(ring.end())).isEqualTo(2);
    }

    @Test
    void linesStayWholeAndInOrderWhileBothThreadsWork() throws Exception {
        int count = 20_000;
        Thread worker = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                while (!offer(i + "\n")) {
                    LockSupport.parkNanos(1_000);
                }
            }
        });

        worker.start();
        StringBuilder drained = new StringBuilder();
        while (worker.isAlive() || !ring.isEmpty(ring.end())) {
            drained.append(drain());
            LockSupport.parkNanos(1_000);
        }

        assertThat(drained.toString().lines())
                .containsExactlyElementsOf(
                        IntStream.range(0, count).mapToObj(Integer::toString).toList());
    }

    private boolean offer(String line) {
        return ring.offer(line.getBytes(StandardCharsets.US_ASCII), line.length());
    }

    private String drain() throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        long end = ring.end();
        ring.writeTo(sink, end);
        ring.release(end);
        return sink.toString(StandardCharsets.US_ASCII);
    }
}
