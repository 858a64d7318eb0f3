package dev.turnout.admin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Ends connections that take too long. Stands before the codec, because a head that comes byte
 * by byte is seen by nobody else; {@link AdminHandler} tells what it does not see.
 */
final class ConnectionClock extends ChannelInboundHandlerAdapter {

    /** Immutable. What a connection is busy with, and for how long it may be. */
    enum Phase {
        /** Between two requests. */
        IDLE(Duration.ofSeconds(60)),
        /** From accept, or the first byte of a further request, to the end of the body. */
        RECEIVING(Duration.ofSeconds(10)),
        /** Handlers bound their own time. */
        ANSWERING(Duration.ZERO),
        /** Until the client has taken the answer. */
        SENDING(Duration.ofSeconds(10));

        private final Duration limit;

        Phase(Duration limit) {
            this.limit = limit;
        }

        Duration limit() {
            return limit;
        }
    }

    private Phase phase = Phase.IDLE;
    private @Nullable Future<?> alarm;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        enter(ctx, Phase.RECEIVING);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (phase == Phase.IDLE && message instanceof ByteBuf) {
            enter(ctx, Phase.RECEIVING);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        enter(ctx, Phase.ANSWERING);
        ctx.fireChannelInactive();
    }

    /** Starts a phase with its own time. */
    void enter(ChannelHandlerContext ctx, Phase next) {
        phase = next;
        if (alarm != null) {
            alarm.cancel(false);
        }
        alarm = next.limit().isZero()
                ? null
                : ctx.executor().schedule(() -> expire(ctx), next.limit().toNanos(), TimeUnit.NANOSECONDS);
    }

    private void expire(ChannelHandlerContext ctx) {
        if (phase == Phase.RECEIVING) {
            ctx.pipeline()
                    .fireUserEventTriggered(new Problem(
                            ProblemType.REQUEST_TIMEOUT,
                            "a request has " + Phase.RECEIVING.limit().toSeconds() + " s"));
        } else {
            ctx.close();
        }
    }
}
