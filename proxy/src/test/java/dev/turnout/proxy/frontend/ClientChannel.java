package dev.turnout.proxy.frontend;

import dev.turnout.proxy.connection.HalfClosableChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Confined to one thread. A client's connection without a socket, that can be slow to take what it is sent. */
final class ClientChannel extends HalfClosableChannel {

    private static final class Network extends ChannelOutboundHandlerAdapter {
        private boolean stopped;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (!stopped) {
                ctx.flush();
            }
        }
    }

    private final Network network;

    ClientChannel(Http1Stage stage) {
        this(new Network(), stage);
    }

    private ClientChannel(Network network, Http1Stage stage) {
        super(network, stage);
        this.network = network;
    }

    /** The client sends these characters, as one piece. */
    ClientChannel send(String bytes) {
        writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
        return this;
    }

    /** The client sends these characters, each by itself. */
    void sendByteByByte(String bytes) {
        for (int i = 0; i < bytes.length(); i++) {
            send(bytes.substring(i, i + 1));
        }
    }

    /** The client will send no more. */
    void sendEnd() {
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        runPendingTasks();
    }

    /** From now on nothing that is written leaves. */
    void stopTaking() {
        network.stopped = true;
    }

    /** The client takes all there is, and what comes after it. */
    void takeAgain() {
        network.stopped = false;
        flush();
    }

    /** Whether writes are said to go through, whatever there is to write. */
    void setWritable(boolean writable) {
        unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
        runPendingTasks();
    }

    /** Everything that has left for the client since the last call. */
    String taken() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf each = readOutbound(); each != null; each = readOutbound()) {
            text.append(each.toString(StandardCharsets.ISO_8859_1));
            each.release();
        }
        return text.toString();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return new InetSocketAddress("192.0.2.7", 4711);
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return new InetSocketAddress("192.0.2.1", 80);
    }
}
