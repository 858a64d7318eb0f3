package dev.turnout.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.HealthSettings.Kind;
import dev.turnout.config.HealthSettings.StatusRange;
import dev.turnout.config.HttpProbeSettings;
import dev.turnout.config.HttpProbeSettings.Method;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthProbeTest {

    private static final Backend BACKEND = new Backend(Colour.BLUE, new BackendAddress("::1", 9101), 1);

    private final List<String> results = new ArrayList<>();
    private final HealthProbe probe = new HealthProbe(settings(Kind.HTTP, ""), BACKEND, this::add);
    private final List<EmbeddedChannel> others = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(probe);

    @AfterEach
    void endChannel() {
        others.forEach(EmbeddedChannel::finishAndReleaseAll);
        channel.finishAndReleaseAll();
    }

    @Test
    void requestIsCompleteAndClosesTheConnection() {
        assertThat(requestOf(channel))
                .isEqualTo(String.join(
                        "\r\n",
                        "GET /health?deep=1 HTTP/1.1",
                        "Host: [::1]:9101",
                        "User-Agent: turnout-health",
                        "Accept: */*",
                        "Connection: close",
                        "",
                        ""));
    }

    @Test
    void configuredHostIsSent() {
        EmbeddedChannel other =
                new EmbeddedChannel(new HealthProbe(settings(Kind.HTTP, "shop.example"), BACKEND, this::add));

        assertThat(requestOf(other)).contains("\r\nHost: shop.example\r\n");

        other.finishAndReleaseAll();
    }

    @Test
    void withoutOneTheNameIsSentThatLedToTheBackend() {
        Backend named =
                new Backend(Colour.BLUE, new BackendAddress("10.0.0.1", 80), "app.internal:80", ProxyProtocol.OFF, 1);
        EmbeddedChannel other = new EmbeddedChannel(new HealthProbe(settings(Kind.HTTP, ""), named, this::add));

        assertThat(requestOf(other)).contains("\r\nHost: app.internal:80\r\n");

        other.finishAndReleaseAll();
    }

    @Test
    void tcpProbeSucceedsByConnectingAndSendsNothing() {
        EmbeddedChannel tcp = new EmbeddedChannel(new HealthProbe(settings(Kind.TCP, ""), BACKEND, this::add));

        assertThat(results).containsExactly(up("connected"));
        assertThat(tcp.outboundMessages()).isEmpty();
        assertThat(tcp.isOpen()).isFalse();
    }

    @Test
    void expectedStatusIsASuccessBeforeTheRestOfTheHeadIsThere() {
        receive("HTTP/1.1 204 No Content\r\n");

        assertThat(results).containsExactly(up("204"));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void statusLineMayComeByteByByte() {
        for (char c : "HTTP/1.0 200\r\n".toCharArray()) {
            assertThat(results).isEmpty();
            receive(String.valueOf(c));
        }

        assertThat(results).containsExactly(up("200"));
    }

    @Test
    void unexpectedStatusIsReportedWithWhatTheBackendSaid() {
        receive("HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\ndatabase:\r\n  \u001b[31mgone\\\u00ff");
        channel.finish();

        assertThat(results).containsExactly(down("500: database: \\x1B[31mgone\\x5C\\xFF"));
    }

    @Test
    void redirectIsReportedWithItsTarget() {
        receive("HTTP/1.1 302 Found\r\nServer: x\r\nlocation:  /login\r\n\r\n");
        channel.finish();

        assertThat(results).containsExactly(down("302 to /login"));
    }

    @Test
    void locationInTheBodyIsNotTheField() {
        receive("HTTP/1.1 302 Found\r\n\r\nLocation: /body\r\n");
        channel.finish();

        assertThat(results).containsExactly(down("302: Location: /body"));
    }

    @Test
    void longBodyIsShownInPartAndNotReadToItsEnd() {
        receive("HTTP/1.1 503 Busy\r\n\r\n" + "x".repeat(300));

        assertThat(results).containsExactly(down("503: " + "x".repeat(200)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/2.0 200 OK\r\n",
                "HTTP/1.1  200 OK\r\n",
                "HTTP/1.1 20 OK\r\n",
                "HTTP/1.1 2000 OK\r\n",
                "HTTP/1.1 099 OK\r\n",
                "HTTP/1.1 200 OK\n",
                "http/1.1 200 OK\r\n",
                "\r\nHTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 O\u0000K\r\n"
            })
    void whatIsNoStatusLineFails(String garbage) {
        receive(garbage);

        assertThat(results).singleElement().asString().startsWith("down not HTTP: ");
    }

    @Test
    void endlessStatusLineIsGivenUpAtFourKiB() {
        receive("HTTP/1.1 200 " + "x".repeat(HttpAnswer.MAX_BYTES));

        assertThat(results).containsExactly(down("not HTTP: HTTP/1.1 200 " + "x".repeat(27)));
    }

    @Test
    void endlessHeadOfAFailureIsGivenUpAtFourKiB() {
        receive("HTTP/1.1 404 Not Found\r\n" + "A: b\r\n".repeat(1_000));

        assertThat(results).containsExactly(down("404"));
    }

    @Test
    void closeBeforeAnAnswerFails() {
        receive("HTTP/1.1 20");
        channel.finish();

        assertThat(results).containsExactly(down("connection closed before an answer"));
    }

    @Test
    void brokenConnectionFailsInWordsWithoutAnAddress() {
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset: /127.0.0.1:9101"));

        assertThat(results).containsExactly(down("connection reset"));
    }

    @Test
    void silenceFailsWhenTheTimeIsOver() {
        probe.timedOut();

        assertThat(results).containsExactly(down("connected, but no answer within 2000 ms"));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void timeThatIsOverBeforeTheConnectionIsThereSaysSo() {
        new HealthProbe(settings(Kind.HTTP, ""), BACKEND, this::add).timedOut();

        assertThat(results).containsExactly(down("no connection within 2000 ms"));
    }

    @Test
    void lackOfSocketsIsReportedOnTheEventLoopAndSaysNothingOfTheBackend() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        EventLoop loop = group.next();
        CompletableFuture<ProbeResult> reported = new CompletableFuture<>();
        HealthProbe without = new HealthProbe(
                settings(Kind.TCP, ""),
                BACKEND,
                result -> {
                    assertThat(loop.inEventLoop()).isTrue();
                    reported.complete(result);
                },
                () -> {
                    throw new ChannelException("Failed to open a socket.", new SocketException("Too many open files"));
                });

        loop.execute(() -> without.start(loop));

        assertThat(reported.get(20, TimeUnit.SECONDS))
                .isEqualTo(ProbeResult.inconclusive("no socket to probe with: too many open files"));
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void whatIsAskedNamesTheHostThatWasConfigured() {
        assertThat(HealthProbe.asked(settings(Kind.HTTP, ""), BACKEND))
                .isEqualTo("GET http://[::1]:9101/health?deep=1");
        assertThat(HealthProbe.asked(settings(Kind.HTTP, "shop.example"), BACKEND))
                .isEqualTo("GET http://[::1]:9101/health?deep=1, Host: shop.example");
    }

    @Test
    void statusThatCameInTimeCountsWhenTheBodyDoesNotEnd() {
        receive("HTTP/1.1 500 Oops\r\n\r\nstill");
        probe.timedOut();

        assertThat(results).containsExactly(down("500: still"));
    }

    private static HttpProbeSettings asking(Method method, List<String> headers, String match) {
        return new HttpProbeSettings(method, "/", "", headers, List.of(new StatusRange(200, 299)), match);
    }

    private EmbeddedChannel probing(HttpProbeSettings http) {
        EmbeddedChannel made = new EmbeddedChannel(new HealthProbe(settings(Kind.HTTP, http), BACKEND, this::add));
        others.add(made);
        return made;
    }

    @Test
    void methodAndFieldsAreThoseOfTheSettings() {
        EmbeddedChannel other =
                probing(asking(Method.HEAD, List.of("user-agent: me", "Authorization: Bearer x: y"), ""));

        assertThat(requestOf(other))
                .isEqualTo(String.join(
                        "\r\n",
                        "HEAD / HTTP/1.1",
                        "Host: [::1]:9101",
                        "Accept: */*",
                        "user-agent: me",
                        "Authorization: Bearer x: y",
                        "Connection: close",
                        "",
                        ""));
        other.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 15\r\n\r\n{\"db\":\"ready\"}",
                "\r\nthe database is ready",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nx re\r\n3;a=b\r\nady\r\n0\r\n\r\n",
            })
    void textThatMustMatchIsFoundInTheBodyHoweverItComes(String rest) {
        EmbeddedChannel other = probing(asking(Method.GET, List.of(), "ready"));
        for (char c : ("HTTP/1.1 200 ready\r\nX-Ready: ready\r\n" + rest).toCharArray()) {
            if (results.isEmpty()) {
                other.writeInbound(Unpooled.copiedBuffer(String.valueOf(c), StandardCharsets.ISO_8859_1));
            }
        }

        assertThat(results).containsExactly(up("200"));
        other.finishAndReleaseAll();
    }

    @Test
    void goodStatusWithoutTheTextIsAFailureThatShowsTheBody() {
        EmbeddedChannel other = probing(asking(Method.GET, List.of(), "ready"));
        other.writeInbound(Unpooled.copiedBuffer(
                "HTTP/1.1 200 ready\r\nX: ready\r\n\r\nstill starting" + ".".repeat(200), StandardCharsets.ISO_8859_1));
        assertThat(results).isEmpty();
        other.finish();

        assertThat(results)
                .containsExactly(down("200 without the text that was to match: still starting" + ".".repeat(186)));
    }

    @Test
    void textBehindWhatIsReadIsNotFound() {
        EmbeddedChannel other = probing(asking(Method.GET, List.of(), "ready"));
        other.writeInbound(Unpooled.copiedBuffer(
                "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(HttpAnswer.MAX_BYTES) + "ready", StandardCharsets.ISO_8859_1));

        assertThat(results).singleElement().asString().startsWith("down 200 without");
        other.finishAndReleaseAll();
    }

    @Test
    void cancelledProbeReportsNothing() {
        probe.cancel();
        probe.timedOut();

        assertThat(results).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    private void add(ProbeResult result) {
        results.add(result.success() ? up(result.detail()) : down(result.detail()));
    }

    private static String up(String detail) {
        return "up " + detail;
    }

    private static String down(String detail) {
        return "down " + detail;
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private static String requestOf(EmbeddedChannel channel) {
        ByteBuf request = channel.readOutbound();
        try {
            return request.toString(StandardCharsets.US_ASCII);
        } finally {
            request.release();
        }
    }

    private static HealthSettings settings(Kind kind, String host) {
        return settings(kind, HttpProbeSettings.get("/health?deep=1", host, List.of(new StatusRange(200, 299))));
    }

    private static HealthSettings settings(Kind kind, HttpProbeSettings http) {
        Duration five = Duration.ofSeconds(5);
        return new HealthSettings(kind, five, five, Duration.ofSeconds(2), 2, 3, 0, http);
    }
}
