package dev.turnout.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. Puts a request together, and leaves the answer to a body too large to {@link AdminHandler}. */
final class BodyLimit extends HttpObjectAggregator {

    private final int mostBytes;

    BodyLimit(int mostBytes) {
        super(mostBytes);
        this.mostBytes = mostBytes;
    }

    @Override
    protected @Nullable Object newContinueResponse(HttpMessage start, int maxContentLength, ChannelPipeline pipeline) {
        return HttpUtil.is100ContinueExpected(start) && !isContentLengthInvalid(start, maxContentLength)
                ? new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER)
                : null;
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
        ctx.fireUserEventTriggered(
                new Problem(ProblemType.PAYLOAD_TOO_LARGE, "expected: at most " + mostBytes + " bytes"));
    }
}
