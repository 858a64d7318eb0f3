package dev.turnout.proxy.frontend;

import dev.turnout.proxy.connection.NettyTransport;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.exchange.ProxyError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The first bytes of a connection to a listener with {@code proxy-protocol-from}: peers named there
 * say who the client is, in a PROXY protocol header without which they are not served; all others are clients themselves, and a
 * header of theirs is as good as any other garbage. Makes way for {@link Http1Stage} then.
 */
final class ProxyProtocolStage extends ChannelInboundHandlerAdapter {

    private final ListenerContext listener;
    private final Worker worker;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(() -> becomeHttp(null, ProxyError.BAD_PROXY_HEADER));

    private @Nullable ChannelHandlerContext ctx;
    /** Null when there is none to wait for. */
    private @Nullable ProxyHeader header;

    ProxyProtocolStage(ListenerContext listener, Worker worker) {
        this.listener = listener;
        this.worker = worker;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (ctx.channel().remoteAddress() instanceof InetSocketAddress peer && listener.sendsProxyHeader(peer)) {
            header = new ProxyHeader();
            worker.timers().set(timer, worker.tick() + listener.requestHeadNanos());
        } else {
            becomeHttp(null, null);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ProxyHeader reader = header;
        if (reader == null) {
            ctx.fireChannelRead(msg);
            return;
        }
        ByteBuf in = (ByteBuf) msg;
        boolean passed = false;
        try {
            switch (reader.read(in)) {
                case INCOMPLETE -> {}
                case REFUSED -> becomeHttp(null, ProxyError.BAD_PROXY_HEADER);
                case COMPLETE -> {
                    becomeHttp(reader, null);
                    passed = in.isReadable();
                }
            }
        } finally {
            if (!passed) {
                in.release();
            }
        }
        if (passed) {
            ctx.fireChannelRead(in);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        // Closed before a header: a load balancer's own probe, most likely.
        worker.timers().cancel(timer);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // The peer will send no more, so no header either.
        NettyTransport.close(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        NettyTransport.close(ctx);
    }

    private void becomeHttp(@Nullable ProxyHeader read, @Nullable ProxyError refusal) {
        ChannelHandlerContext own = ctx;
        if (own == null || own.isRemoved()) {
            return;
        }
        header = null;
        worker.timers().cancel(timer);
        ClientAddresses told =
                read == null ? ClientAddresses.OWN : new ClientAddresses(read.source(), read.destination());
        own.pipeline().addLast(new Http1Stage(listener, worker, told, refusal));
        own.fireChannelActive();
        own.pipeline().remove(this);
    }
}
