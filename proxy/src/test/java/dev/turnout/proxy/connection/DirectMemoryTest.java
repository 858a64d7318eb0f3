package dev.turnout.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DirectMemoryTest {

    private static final int MIB = 1 << 20;

    private long used;
    private final DirectMemory memory = new DirectMemory(256L * MIB, () -> used);
    /** Its peer takes nothing. */
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
        @Override
        public void flush(ChannelHandlerContext ctx) {}
    });

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void readsGrowWithWhatComesAndAreSmallWhenMemoryIsShort() {
        RecvByteBufAllocator.ExtendedHandle reads =
                (RecvByteBufAllocator.ExtendedHandle) memory.reads().newHandle();

        int plenty = sizeAfterFullReads(reads);
        used = 129 * MIB;
        int little = sizeAfterFullReads(reads);
        used = 127 * MIB;
        int again = sizeAfterFullReads(reads);

        assertThat(plenty).isEqualTo(64 << 10);
        assertThat(little).isEqualTo(DirectMemory.SMALL_READ);
        assertThat(again).isGreaterThan(DirectMemory.SMALL_READ);
    }

    @Test
    void severalReadsHaveOneTurn() {
        RecvByteBufAllocator.ExtendedHandle reads =
                (RecvByteBufAllocator.ExtendedHandle) memory.reads().newHandle();
        reads.reset(channel.config());

        int count = 0;
        do {
            reads.incMessagesRead(1);
            reads.attemptedBytesRead(10);
            reads.lastBytesRead(10);
            count++;
        } while (reads.continueReading(() -> true));

        assertThat(count).isEqualTo(16);
    }

    @Test
    void peerThatTakesNothingHoldsMuchWhileThereIsPlenty() {
        assertThat(heldUntilFull()).isBetween(128 << 10, 133 << 10);
    }

    @Test
    void peerThatTakesNothingHoldsLittleWhenMemoryIsShort() {
        used = 200 * MIB;

        assertThat(heldUntilFull()).isLessThanOrEqualTo(3 * 4096);
    }

    @Test
    void whoHoldsMuchAlreadyGetsNoMoreWhenMemoryIsShort() {
        assertThat(memory.isWritable(channel)).isTrue();
        channel.write(Unpooled.buffer(64 << 10).writeZero(64 << 10));
        assertThat(memory.isWritable(channel)).isTrue();

        used = 200 * MIB;

        assertThat(heldUntilFull()).isLessThanOrEqualTo(2 * 4096);
    }

    @Test
    void plentyComesBack() {
        used = 200 * MIB;
        heldUntilFull();
        assertThat(channel.isWritable()).isFalse();

        used = 0;

        assertThat(memory.isWritable(channel)).isFalse();
        assertThat(channel.config().getWriteBufferWaterMark()).isSameAs(DirectMemory.PLENTY);
        channel.unsafe().outboundBuffer().addFlush();
        while (channel.unsafe().outboundBuffer().current() != null) {
            channel.unsafe().outboundBuffer().remove();
        }
        assertThat(memory.isWritable(channel)).isTrue();
    }

    /** Bytes written in pieces of 4 KiB, as the other side is read, until there is to be no more. */
    private int heldUntilFull() {
        int held = 0;
        do {
            channel.write(Unpooled.buffer(4096).writeZero(4096));
            held += 4096;
        } while (memory.isWritable(channel));
        return held;
    }

    private static int sizeAfterFullReads(RecvByteBufAllocator.ExtendedHandle reads) {
        int size = 0;
        for (int i = 0; i < 20; i++) {
            ByteBuf buffer = reads.allocate(ByteBufAllocator.DEFAULT);
            size = buffer.writableBytes();
            buffer.release();
            reads.attemptedBytesRead(size);
            reads.lastBytesRead(size);
            reads.readComplete();
        }
        return size;
    }
}
