package dev.turnout.app.demo;

import dev.turnout.app.demo.Mishaps.Mishap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop, one for each connection. Counts the body of a request away and answers with an echo of it,
 * unless the colour's mishap or a command under {@code /demo/} says otherwise.
 */
final class DemoHandler extends SimpleChannelInboundHandler<HttpObject> {

    private final DemoIdentity identity;
    private final Mishaps mishaps;

    private @Nullable HttpRequest request;
    private long bodyBytes;

    DemoHandler(DemoIdentity identity, Mishaps mishaps) {
        this.identity = identity;
        this.mishaps = mishaps;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            context.close();
            return;
        }
        if (message instanceof HttpRequest head) {
            request = head;
            bodyBytes = 0;
        }
        if (message instanceof HttpContent content) {
            bodyBytes += content.content().readableBytes();
        }
        if (message instanceof LastHttpContent && request != null) {
            answer(context, request);
            request = null;
        }
    }

    private void answer(ChannelHandlerContext context, HttpRequest asked) {
        if (DemoCommands.isCommand(asked.uri())) {
            context.writeAndFlush(response(asked, DemoCommands.carryOut(asked.method(), asked.uri(), mishaps)));
            return;
        }
        Mishap mishap = mishaps.of(identity.colour());
        boolean fails = ThreadLocalRandom.current().nextDouble() < mishap.errorRate();
        FullHttpResponse response = response(
                asked,
                fails
                        ? DemoReply.text(500, identity.backend() + " was told to fail\n")
                        : DemoReply.echo(identity, asked, bodyBytes));
        if (mishap.delayMillis() == 0) {
            context.writeAndFlush(response);
        } else {
            context.executor()
                    .schedule(() -> context.writeAndFlush(response), mishap.delayMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private FullHttpResponse response(HttpRequest asked, DemoReply reply) {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        boolean isHead = asked.method().equals(HttpMethod.HEAD);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(reply.status()),
                isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, reply.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Demo-Colour", identity.colour().label())
                .set("X-Demo-Backend", identity.backend());
        return response;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A peer that goes away is nothing to report; anything else is a fault of this class and must be seen.
        if (!(cause instanceof IOException)) {
            context.fireExceptionCaught(cause);
        }
        context.close();
    }
}
