package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.config.WarmUpSettings;
import dev.turnout.config.WarmUpSettings.OnFailure;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.SocketlessWorker;
import dev.turnout.proxy.connection.Unobserved;
import dev.turnout.proxy.routing.WarmUpOrder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The requests of one event loop to one backend, to the byte. */
final class WarmUpRequestsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Settings settings = new SettingsBuilder()
            .health(HealthSettings.Kind.NONE)
            .set("timeouts.backend-keep-alive", "1h")
            .build();
    private final Backend backend = new Backend(Colour.GREEN, new BackendAddress("127.0.0.1", 9201), 1);
    private final SocketlessWorker worker = new SocketlessWorker(settings, new Unobserved());

    WarmUpRequestsTest() {
        // A pool under an order to drain: its backends grant no leases.
        backend.keepConnectionsUntil(System.nanoTime() + Duration.ofHours(1).toNanos());
    }

    @AfterEach
    void end() {
        worker.close();
    }

    private WarmUpRequests begin(int requests, String... paths) {
        return begin(backend, requests, paths);
    }

    private WarmUpRequests begin(Backend to, int requests, String... paths) {
        WarmUpSettings asked = new WarmUpSettings(0, requests, List.of(paths), "", TIMEOUT, OnFailure.PROCEED);
        WarmUpRequests row =
                new WarmUpRequests(worker.worker(), 1, to, new WarmUpOrder(Colour.GREEN, List.of(to), asked, "", 0));
        row.begin(worker.worker().tick() + TIMEOUT.toNanos());
        worker.runTasks();
        return row;
    }

    private void answer(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
        worker.runTasks();
    }

    private static String sent(EmbeddedChannel channel) {
        ByteBuf written = channel.readOutbound();
        if (written == null) {
            return "";
        }
        String text = written.toString(StandardCharsets.ISO_8859_1);
        written.release();
        return text;
    }

    @Test
    void oneFollowsTheOtherOnTheSameConnectionAndLeavesItIdle() {
        EmbeddedChannel channel = worker.idleConnection(backend);

        WarmUpRequests row = begin(3, "/a", "/b?c");

        assertThat(sent(channel).split("\r\n", -1))
                .containsExactly(
                        "GET /a HTTP/1.1",
                        "Host: 127.0.0.1:9201",
                        "User-Agent: turnout-warm-up",
                        "Accept: */*",
                        "X-Turnout-Warm-Up: 1",
                        "",
                        "");
        assertThat(sent(channel)).isEmpty();
        answer(channel, OK);
        assertThat(sent(channel)).startsWith("GET /b?c HTTP/1.1\r\n");
        answer(channel, "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n");
        assertThat(sent(channel)).isEmpty();
        answer(channel, "0\r\n\r\n");
        assertThat(sent(channel)).startsWith("GET /a HTTP/1.1\r\n");
        assertThat(row.part()).isNotDone();
        answer(channel, OK);

        assertThat(row.part().getNow(null)).isEqualTo(WarmUpPart.NOTHING);
        assertThat(worker.worker().connections().takeIdle(backend)).isNotNull();
        assertThat(backend.isDrained()).isTrue();
    }

    /** As a probe says it: a server that tells hosts apart knows the name, not the address behind it. */
    @Test
    void backendThatANameLedToIsAskedByThatName() {
        Backend named = new Backend(
                Colour.GREEN, new BackendAddress("127.0.0.1", 9202), "app.example.internal:80", ProxyProtocol.OFF, 1);
        named.keepConnectionsUntil(System.nanoTime() + Duration.ofHours(1).toNanos());
        EmbeddedChannel channel = worker.idleConnection(named);

        begin(named, 1, "/a");

        assertThat(sent(channel)).contains("\r\nHost: app.example.internal:80\r\n");
        answer(channel, OK);
    }

    @Test
    void answerOf5xxHasFailedAndTheNextOneIsAskedForAllTheSame() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        WarmUpRequests row = begin(2, "/a");

        answer(channel, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
        answer(channel, OK);

        assertThat(row.part().getNow(null))
                .isEqualTo(new WarmUpPart(0, 1, 0, List.of("127.0.0.1:9201 GET /a: status 503")));
        assertThat(row.isUnreachable()).isFalse();
    }

    @Test
    void keptConnectionThatIsClosedSaysNothingAndANewOneIsAskedFor() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        WarmUpRequests row = begin(2, "/a");

        channel.close();
        worker.runTasks();

        // In this test there is none.
        assertThat(row.part().getNow(null).failedRequests()).isEqualTo(2);
        assertThat(row.part().getNow(null).failures())
                .singleElement()
                .asString()
                .contains("GET /a: no connection: ", ", and 1 more were not sent");
        assertThat(row.isUnreachable()).isTrue();
    }

    @Test
    void answerThatBreaksOffHasFailed() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        WarmUpRequests row = begin(1, "/a");

        answer(channel, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok");
        channel.close();
        worker.runTasks();

        assertThat(row.part().getNow(null).failures()).containsExactly("127.0.0.1:9201 GET /a: closed in response");
    }

    @Test
    void upgradeThatNobodyAskedForEndsItsConnection() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        WarmUpRequests row = begin(1, "/a");

        answer(channel, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");

        assertThat(channel.isOpen()).isFalse();
        assertThat(row.part().getNow(null).failures())
                .containsExactly("127.0.0.1:9201 GET /a: an upgrade that nobody asked for");
    }

    @Test
    void whatHasNoAnswerInTimeIsGivenUpWithAllBehindIt() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        WarmUpRequests row = begin(5, "/a");
        answer(channel, OK);
        answer(channel, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");

        worker.runTimersAfter(TIMEOUT.plusSeconds(1));

        assertThat(channel.isOpen()).isFalse();
        assertThat(row.part().getNow(null))
                .isEqualTo(new WarmUpPart(
                        0,
                        4,
                        0,
                        List.of("127.0.0.1:9201 GET /a: no whole answer within 10000 ms, and 3 more were not sent")));
    }

    @Test
    void itEndsWhenAllOfItsPoolDoes() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        WarmUpRequests row = begin(1, "/" + "a".repeat(200));

        worker.worker().connections().abandon(Colour.GREEN, Long.MIN_VALUE);

        assertThat(channel.isOpen()).isFalse();
        assertThat(row.part().getNow(null).failures())
                .containsExactly("127.0.0.1:9201 GET /" + "a".repeat(99)
                        + "...: ended by the deadline of a drain, or with its backend");
    }

    @Test
    void nothingToSendIsDoneAtOnce() {
        assertThat(begin(0, "/a").part()).isCompletedWithValue(WarmUpPart.NOTHING);
    }
}
