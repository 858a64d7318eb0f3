package dev.turnout.proxy.connection;

import dev.turnout.proxy.http.ChunkWriter;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Gathers what is written to one connection so that a head and a small body leave as one
 * buffer in one write. Larger pieces of a body are passed on as they are.
 */
public final class Http1Output {

    /** Up to this size copying a piece of a body is cheaper than a second buffer in the write. */
    private static final int COPY_LIMIT = 4096;

    private static final int SMALLEST = 1024;

    private final ChannelHandlerContext ctx;
    private @Nullable ByteBuf tail;
    private boolean unflushed;

    public Http1Output(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /** A buffer with room for {@code bytes} more, to be written to at once. */
    public ByteBuf space(int bytes) {
        ByteBuf out = tail;
        if (out != null && out.maxFastWritableBytes() < bytes) {
            passTail();
            out = null;
        }
        if (out == null) {
            out = ctx.alloc().ioBuffer(Math.max(bytes, SMALLEST));
            tail = out;
        }
        return out;
    }

    /** Writes a piece of a body; takes it over. */
    public void write(ByteBuf data) {
        int size = data.readableBytes();
        ByteBuf out = tail;
        if (size <= COPY_LIMIT && out != null && out.maxFastWritableBytes() >= size) {
            out.writeBytes(data);
            data.release();
            return;
        }
        passTail();
        unflushed = true;
        ctx.write(data, ctx.voidPromise());
    }

    /** Writes a piece of a body as one chunk; takes it over. */
    public void writeChunk(ByteBuf data) {
        int size = data.readableBytes();
        if (size == 0) {
            // A chunk of no bytes would be the last.
            data.release();
            return;
        }
        ChunkWriter.writeHeader(space(ChunkWriter.MAX_HEADER_SIZE), size);
        write(data);
        ChunkWriter.writeEnd(space(ChunkWriter.END_SIZE));
    }

    /** Writes the last chunk, and the trailers if there are any. */
    public void writeLastChunk(@Nullable Head trailers) {
        int size = trailers == null ? ChunkWriter.LAST_SIZE : ChunkWriter.LAST_SIZE + HeadWriter.sizeOf(trailers);
        ChunkWriter.writeLast(space(size), trailers);
    }

    /** Hands everything to the transport. */
    public void flush() {
        passTail();
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }

    /** Forgets what was gathered and not yet handed on. */
    public void discard() {
        ByteBuf out = tail;
        tail = null;
        if (out != null) {
            out.release();
        }
    }

    /** Closes the connection once everything written has left. */
    public void flushAndClose() {
        passTail();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> NettyTransport.close(ctx));
    }

    /** Tells the peer that nothing more comes, once everything written has left; what it sends is still read. */
    public void flushAndShutdown() {
        passTail();
        // A shutdown at once would drop what the transport has not written yet.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (written.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            } else {
                NettyTransport.close(ctx);
            }
        });
    }

    /** Bytes the transport was given and the peer has not taken, with Netty's overhead for each buffer. */
    public long pendingBytes() {
        ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
    }

    private void passTail() {
        ByteBuf out = tail;
        if (out != null) {
            tail = null;
            unflushed = true;
            ctx.write(out, ctx.voidPromise());
        }
    }
}
