package dev.turnout.admin;

import dev.turnout.admin.ConnectionClock.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. One admin connection: one request at a time in, its reply out. Who sends a request before
 * the last was answered loses it with the connection, as RFC 9112 section 9.3.2 allows; nothing is queued.
 */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

    private final AdminDispatch dispatch;
    private final ConnectionClock clock;
    private @Nullable AdminRequest current;
    private boolean lastReply;

    AdminHandler(AdminDispatch dispatch, ConnectionClock clock) {
        this.dispatch = dispatch;
        this.clock = clock;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest message) {
        if (current != null || lastReply) {
            lastReply = true;
            return;
        }
        lastReply = !HttpUtil.isKeepAlive(message) || message.protocolVersion().minorVersion() == 0;
        try {
            if (message.decoderResult().isFailure()) {
                throw malformed(message.decoderResult().cause());
            }
            AdminRequest request = AdminRequest.of(message, remoteAddress(ctx));
            current = request;
            clock.enter(ctx, Phase.ANSWERING);
            dispatch.answer(request).thenAccept(reply -> send(ctx, reply));
        } catch (Problem e) {
            refuse(ctx, e);
        }
    }

    /** What a handler further down the pipeline found wrong before there was a whole request. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Problem problem && current == null && !lastReply) {
            refuse(ctx, problem);
        } else if (event instanceof Problem) {
            lastReply = true;
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (current != null) {
            current.gone().complete(null);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("admin connection of {} broke", ctx.channel().remoteAddress(), cause);
        ctx.close();
    }

    private static Problem malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return new Problem(ProblemType.URI_TOO_LONG, "expected: at most " + AdminPipeline.LINE_BYTES + " bytes");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new Problem(ProblemType.HEAD_TOO_LARGE, "expected: at most " + AdminPipeline.HEAD_BYTES + " bytes");
        }
        return new Problem(ProblemType.MALFORMED_REQUEST, "see RFC 9112");
    }

    private void refuse(ChannelHandlerContext ctx, Problem problem) {
        lastReply = true;
        send(ctx, problem.toReply());
    }

    private void send(ChannelHandlerContext ctx, Reply reply) {
        clock.enter(ctx, Phase.SENDING);
        // Answered from here on: the client may have the answer, and send its next request, before we hear that it was
        // sent.
        current = null;
        boolean last = lastReply;
        ctx.writeAndFlush(toHttp(ctx, reply)).addListener(sent -> {
            if (!sent.isSuccess()) {
                ctx.close();
            } else if (last) {
                end(ctx);
            } else if (current == null && !lastReply) {
                clock.enter(ctx, Phase.IDLE);
            }
        });
    }

    /** Closes when the client has, or at the end of the phase: at once would reset the connection under our reply. */
    private static void end(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof DuplexChannel socket) {
            socket.shutdownOutput();
        } else {
            ctx.close();
        }
    }

    private FullHttpResponse toHttp(ChannelHandlerContext ctx, Reply reply) {
        ByteBuf body = ByteBufUtil.writeUtf8(ctx.alloc(), reply.body());
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), body);
        if (!reply.contentType().isEmpty()) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        }
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        response.headers().set("X-Content-Type-Options", "nosniff");
        reply.headers().forEach((name, value) -> response.headers().set(name, value));
        HttpUtil.setKeepAlive(response, !lastReply);
        return response;
    }

    private static String remoteAddress(ChannelHandlerContext ctx) {
        return ctx.channel().remoteAddress() instanceof InetSocketAddress remote
                ? remote.getAddress().getHostAddress()
                : "";
    }
}
