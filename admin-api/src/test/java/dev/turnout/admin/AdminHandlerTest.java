package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminHandlerTest {

    private static final String STATUS = "GET /admin/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String POST =
            "POST /admin/switch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private final AdminFixture admin = new AdminFixture();
    private EmbeddedChannel channel;

    @BeforeEach
    void connect() {
        channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline()
                .addLast(new AdminPipeline(admin.dispatch, new DefaultChannelGroup(GlobalEventExecutor.INSTANCE)));
        channel.pipeline().fireChannelActive();
    }

    @AfterEach
    void disconnect() {
        channel.finishAndReleaseAll();
    }

    @Test
    void replyCarriesTheFieldsOfAllReplies() {
        send(STATUS);

        assertThat(received())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\ncontent-type: application/json\r\n")
                .contains("\r\ncontent-length: ")
                .contains("\r\ncache-control: no-store\r\n")
                .contains("\r\nX-Content-Type-Options: nosniff\r\n")
                .contains("\r\nETag: \"r42\"\r\n")
                .contains("\r\n\r\n{\"revision\":42,");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void requestMayComeByteByByte() {
        for (int i = 0; i < STATUS.length(); i++) {
            send(STATUS.substring(i, i + 1));
        }

        assertThat(received()).startsWith("HTTP/1.1 200 OK\r\n");
    }

    /** io_uring tells of a write when the client may long have read it. */
    @Test
    void nextRequestMayComeBeforeTheAnswerIsKnownToBeSent() {
        List<ChannelPromise> untold = new ArrayList<>();
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                untold.add(promise);
                ctx.write(message, ctx.newPromise());
            }
        });

        send(STATUS);
        assertThat(received()).startsWith("HTTP/1.1 200 OK\r\n");
        send(STATUS);

        assertThat(received()).startsWith("HTTP/1.1 200 OK\r\n");
        untold.forEach(ChannelPromise::trySuccess);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void headHasNoBody() {
        send("HEAD /admin/status HTTP/1.1\r\nHost: localhost\r\n\r\n");

        assertThat(received()).contains("content-length: ").endsWith("\r\n\r\n");
    }

    @Test
    void notModifiedHasNoBodyAndTheConnectionGoesOn() {
        send("GET /admin/status HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"r42\"\r\n\r\n");

        assertThat(received()).startsWith("HTTP/1.1 304 ").endsWith("\r\n\r\n");
        send(STATUS);
        assertThat(received()).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @Test
    void connectionIsClosedIfTheClientAsksForIt() {
        send("GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n");

        assertThat(received()).contains("200 OK\r\n");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void headThatTakesLongerThanTenSecondsIsRefused() {
        send("GET /admin/status HTTP/1.1\r\n");
        pass(9_999);
        assertThat(received()).isEmpty();
        send("Host: localhost\r\n");

        pass(1);

        assertThat(received())
                .startsWith("HTTP/1.1 408 Request Timeout\r\n")
                .contains("X-Turnout-Error: request-timeout\r\n")
                .contains("connection: close\r\n");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void bodyThatTakesLongerThanTenSecondsIsRefused() {
        send(POST + "Content-Length: 2\r\n\r\n{");

        pass(10_000);

        assertThat(received()).startsWith("HTTP/1.1 408 ");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void furtherRequestHasTenSecondsFromItsFirstByte() {
        send(STATUS);
        assertThat(received()).startsWith("HTTP/1.1 200 ");
        pass(50_000);
        send("G");
        pass(9_999);
        assertThat(received()).isEmpty();

        pass(1);

        assertThat(received()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void idleConnectionIsClosedAfterAMinute() {
        send(STATUS);
        assertThat(received()).startsWith("HTTP/1.1 200 ");

        pass(59_999);
        assertThat(channel.isOpen()).isTrue();
        pass(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(received()).isEmpty();
    }

    @Test
    void longPollIsNotCutShort() {
        send("GET /admin/status?wait=5m&revision=42 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        pass(299_000);
        assertThat(channel.isOpen()).isTrue();

        admin.control.revisionWaits.get(0).complete(admin.control.status);

        assertThat(received()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void clientThatLeavesEndsItsLongPoll() {
        send("GET /admin/status?wait=5m&revision=42 HTTP/1.1\r\nHost: localhost\r\n\r\n");

        channel.close().syncUninterruptibly();

        assertThat(admin.control.revisionWaits.get(0)).isCompleted();
    }

    @Test
    void requestBeforeTheAnswerIsLostWithTheConnection() {
        CompletableFuture<ChangeResult> running = new CompletableFuture<>();
        admin.control.next = running;
        send("POST /admin/switch HTTP/1.1\r\nHost: localhost\r\n\r\n");
        send("POST /admin/rollback HTTP/1.1\r\nHost: localhost\r\n\r\n");

        running.complete(new ChangeResult(true, false, Colour.BLUE, Colour.GREEN, 43, 1));

        assertThat(received()).startsWith("HTTP/1.1 200 ").contains("connection: close\r\n");
        assertThat(channel.isOpen()).isFalse();
        assertThat(admin.control.submitted).hasSize(1);
    }

    @Test
    void bodyThatAnnouncesTooMuchIsRefusedBeforeItComes() {
        send(POST + "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n");

        assertThat(received()).startsWith("HTTP/1.1 413 ").contains("X-Turnout-Error: payload-too-large\r\n");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void chunkedBodyIsRefusedWhenItGrowsTooLarge() {
        send(POST + "Transfer-Encoding: chunked\r\n\r\n");
        String chunk = "8000\r\n" + " ".repeat(0x8000) + "\r\n";
        for (int i = 0; i < 32; i++) {
            send(chunk);
        }
        assertThat(received()).isEmpty();

        send("1\r\n \r\n");

        assertThat(received()).startsWith("HTTP/1.1 413 ");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void clientThatWaitsForContinueIsToldToGoOn() {
        send(POST + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        assertThat(received()).startsWith("HTTP/1.1 100 Continue\r\n");

        send("{}");

        assertThat(received()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void overlongRequestLineIsRefused() {
        send("GET /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");

        assertThat(received()).startsWith("HTTP/1.1 414 ").contains("uri-too-long");
    }

    @Test
    void overlongHeadIsRefused() {
        send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");

        assertThat(received()).startsWith("HTTP/1.1 431 ").contains("head-too-large");
    }

    @Test
    void whatIsNotHttpIsRefused() {
        send("GET / HTTP/1.1\r\nHost : localhost\r\n\r\n");

        assertThat(received()).startsWith("HTTP/1.1 400 ").contains("X-Turnout-Error: malformed-request\r\n");
        assertThat(channel.isOpen()).isFalse();
    }

    private void send(String text) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        }
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /** What came since the last look. */
    private String received() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(StandardCharsets.UTF_8));
            part.release();
        }
        return text.toString();
    }
}
