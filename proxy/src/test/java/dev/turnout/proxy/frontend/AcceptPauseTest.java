package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AcceptPauseTest {

    private final AtomicInteger reads = new AtomicInteger();
    private final EmbeddedChannel channel = new EmbeddedChannel(
            new ChannelOutboundHandlerAdapter() {
                @Override
                public void read(ChannelHandlerContext ctx) {
                    reads.incrementAndGet();
                }
            },
            new AcceptPause());

    @Test
    void failureIsFollowedByASecondWithoutAnotherTry() {
        channel.freezeTime();
        int before = reads.get();

        channel.pipeline().fireExceptionCaught(new IOException("Too many open files"));
        channel.pipeline().fireExceptionCaught(new IOException("Too many open files"));
        for (int i = 0; i < 100; i++) {
            channel.read();
        }
        channel.advanceTimeBy(900, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(reads).hasValue(before);

        channel.advanceTimeBy(200, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(reads).hasValue(before + 1);
        channel.read();
        assertThat(reads).hasValue(before + 2);
    }
}
