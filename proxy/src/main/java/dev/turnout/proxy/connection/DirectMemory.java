package dev.turnout.proxy.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Thread-safe. How much one connection may hold of the buffers that all share: what is quickest while there is plenty, and little
 * once half of {@code limits.direct-memory} is taken, so that the other half is enough for many thousand peers that take nothing.
 * docs/RATIONALE.md, "Memory that slow clients hold".
 */
public final class DirectMemory {

    /** What may wait to be written to one peer before the other side is no longer read. */
    public static final WriteBufferWaterMark PLENTY = new WriteBufferWaterMark(64 << 10, 128 << 10);

    /** The same when memory is short. */
    static final WriteBufferWaterMark LITTLE = new WriteBufferWaterMark(2 << 10, 4 << 10);

    /** Read at once when memory is short. */
    static final int SMALL_READ = 4 << 10;

    /** As Netty's sockets do by default: before others have their turn. */
    private static final int READS_IN_A_ROW = 16;

    private final LongSupplier used;
    private final long most;

    /**
     * The memory of Netty's allocator.
     *
     * @param most bytes that it may take
     */
    DirectMemory(long most) {
        this(most, usedByNetty());
    }

    DirectMemory(long most, LongSupplier used) {
        this.most = most;
        this.used = used;
    }

    /** Whether it is time to be sparing. */
    boolean isShort() {
        return used.getAsLong() > most / 2;
    }

    /**
     * Whether a connection takes what is written; to be asked after each piece. A channel that became unwritable tells when it is
     * writable again.
     */
    public boolean isWritable(Channel channel) {
        ChannelConfig config = channel.config();
        WriteBufferWaterMark now = isShort() ? LITTLE : PLENTY;
        if (config.getWriteBufferWaterMark() != now) {
            config.setWriteBufferWaterMark(now);
        }
        return channel.isWritable();
    }

    /** Chooses the buffers that sockets are read into. */
    public RecvByteBufAllocator reads() {
        AdaptiveRecvByteBufAllocator adaptive = new AdaptiveRecvByteBufAllocator();
        adaptive.maxMessagesPerRead(READS_IN_A_ROW);
        return () -> new Reads(this, (RecvByteBufAllocator.ExtendedHandle) adaptive.newHandle());
    }

    private static LongSupplier usedByNetty() {
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
                ? provider.metric()::usedDirectMemory
                : () -> 0;
    }

    /** Confined to one event loop. The reads of one socket: as many bytes as lately came, or few. */
    private static final class Reads extends RecvByteBufAllocator.DelegatingHandle
            implements RecvByteBufAllocator.ExtendedHandle {

        private final DirectMemory memory;
        private final RecvByteBufAllocator.ExtendedHandle handle;

        Reads(DirectMemory memory, RecvByteBufAllocator.ExtendedHandle handle) {
            super(handle);
            this.memory = memory;
            this.handle = handle;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return allocator.ioBuffer(guess());
        }

        @Override
        public int guess() {
            int wanted = super.guess();
            return memory.isShort() ? Math.min(SMALL_READ, wanted) : wanted;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return handle.continueReading(maybeMore);
        }
    }
}
