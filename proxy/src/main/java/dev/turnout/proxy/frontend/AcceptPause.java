package dev.turnout.proxy.frontend;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. What a listener does when accepting fails, as it does when the process has no file descriptor left:
 * it waits a second, whatever the transport would do, and tries again for ever. Told in the log once in a while.
 */
final class AcceptPause extends ChannelDuplexHandler {

    private static final Logger LOG = LoggerFactory.getLogger(AcceptPause.class);

    private static final long PAUSE_MILLIS = 1_000;
    private static final long TOLD_NANOS = 30_000_000_000L;

    private boolean paused;
    /** Somebody wants to accept, and waits for the end of the pause. */
    private boolean wanted;

    private boolean told;
    private long toldAt;

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (paused) {
            wanted = true;
        } else {
            ctx.read();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (paused) {
            // One attempt may have been under way already.
            return;
        }
        paused = true;
        wanted = true;
        long now = System.nanoTime();
        if (!told || now - toldAt > TOLD_NANOS) {
            told = true;
            toldAt = now;
            LOG.error(
                    "accepting clients failed and is tried again each second: {}; if files are what is missing, raise the limit"
                            + " (ulimit -n, LimitNOFILE) or lower limits.connections",
                    cause.toString());
        }
        var unused = ctx.executor().schedule(() -> goOn(ctx), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void goOn(ChannelHandlerContext ctx) {
        paused = false;
        if (wanted && ctx.channel().isOpen()) {
            wanted = false;
            ctx.read();
        }
    }
}
