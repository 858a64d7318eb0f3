package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.Orders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A copy for which there is no memory, without sockets. */
final class FaultyCopyTest {

    /** Thread-safe. Has none, as Netty says it when direct memory is used up. */
    private static final class NoMemory extends PooledByteBufAllocator {
        NoMemory() {
            super(false);
        }

        @Override
        public ByteBuf ioBuffer(int initialCapacity) {
            throw new OutOfMemoryError("none left, says the test");
        }

        @Override
        public ByteBuf ioBuffer() {
            return ioBuffer(256);
        }
    }

    /** Confined to one thread. A socket that is connected at once, and has no memory for what is to be sent. */
    public static final class Memoryless extends EmbeddedChannel {

        /** As the event loop makes it. */
        public Memoryless() {
            super(false, false);
            config().setAllocator(new NoMemory());
        }
    }

    @Test
    void requestOfTheUserGoesOnWhenItsCopyHasNoMemory() {
        // A header of that protocol is written into memory of its own, and no connection that rests is of use.
        Edge edge = new Edge(
                Edge.settings("127.0.0.1:1").green("127.0.0.1:2").set("pools.green.proxy-protocol", "v1"),
                Memoryless.class);
        Instant now = Instant.now();
        MirrorOrder order = new MirrorOrder(
                8,
                now,
                now.plusSeconds(3600),
                10_000,
                List.of(),
                MirrorOrder.Body.NONE,
                100,
                1,
                Duration.ofSeconds(5),
                "");
        edge.order(Orders.NONE.withMirror(Optional.of(order)));
        EmbeddedChannel own = edge.worker.idleConnection(edge.backend(Colour.BLUE, 0));

        ClientChannel client = edge.client().send("GET /g HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(Edge.taken(own)).startsWith("GET /g ");
        edge.worker.runTasks();
        Edge.answer(own, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        assertThat(client.taken()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        assertThat(edge.inFlight()).isZero();
        assertThat(edge.mirror.report().orElseThrow().failed()).isEqualTo(1);
        // Its place is free.
        assertThat(edge.mirror.enter(order)).isTrue();
        edge.close();
    }
}
