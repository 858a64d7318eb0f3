package dev.turnout.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.HealthSettings.Kind;
import dev.turnout.config.HealthSettings.StatusRange;
import dev.turnout.config.HttpProbeSettings;
import dev.turnout.config.OutlierSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthMonitorTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private final ScriptedServer server = new ScriptedServer();
    private final AtomicInteger changes = new AtomicInteger();
    private Switchboard switchboard;
    private HealthSettings probed;
    private HealthMonitor monitor;

    @AfterEach
    void closeAll() {
        monitor.close();
        server.close();
    }

    @Test
    void firstRoundDecidesForBothColours() throws Exception {
        server.answers(OK);
        Backend blue = backend(Colour.BLUE, server.port());
        Backend green = backend(Colour.GREEN, refusedPort());

        start(http(), blue, green);
        HealthView up = blue.health();
        HealthView down = green.health();

        assertThat(up.up()).isTrue();
        assertThat(up.detail()).isEqualTo("200");
        assertThat(up.since()).isAfter(HealthView.UNKNOWN.since());
        assertThat(down.up()).isFalse();
        assertThat(down.detail()).isEqualTo("connection refused");
        assertThat(changes).hasValue(2);
    }

    @Test
    void backendGoesDownAndComesUpAgainWithItsAnswers() throws Exception {
        Backend backend = backend(Colour.BLUE, server.answers(OK).port());
        start(http(), backend);

        server.answers("HTTP/1.1 500 Oops\r\n\r\nno database");
        Await.until("down", () -> !backend.isUp());
        String downDetail = backend.health().detail();
        server.answers(OK);
        Await.until("up again", backend::isUp);
        Await.until("first up, down and up again told", () -> changes.get() == 3);

        assertThat(downDetail).isEqualTo("500: no database");
    }

    @Test
    void failureIsMadeSureOfByFasterProbes() throws Exception {
        Backend backend = backend(Colour.BLUE, server.answers(OK).port());
        Duration usual = Duration.ofMillis(300);
        int fall = 100;
        start(
                new HealthSettings(
                        Kind.HTTP,
                        usual,
                        Duration.ofMillis(1),
                        Duration.ofSeconds(10),
                        2,
                        fall,
                        0,
                        HttpProbeSettings.get("/", "", List.of(new StatusRange(200, 299)))),
                backend);

        long begin = System.nanoTime();
        server.answers("HTTP/1.1 500 Oops\r\n\r\n");
        Await.until("down", () -> !backend.isUp());

        assertThat(System.nanoTime() - begin)
                .isLessThan(usual.multipliedBy(fall / 2).toNanos());
    }

    @Test
    void backendIsProbedAtAPortOfItsOwn() throws Exception {
        server.answers(OK);
        Backend backend = backend(Colour.BLUE, 1);
        start(
                new HealthSettings(
                        Kind.HTTP,
                        Duration.ofMillis(10),
                        Duration.ofMillis(10),
                        Duration.ofSeconds(10),
                        2,
                        3,
                        server.port(),
                        HttpProbeSettings.get("/", "", List.of(new StatusRange(200, 299)))),
                backend);

        Await.until("up", backend::isUp);
        assertThat(backend.socketAddress().getPort()).isEqualTo(1);
        assertThat(backend.health().asked()).isEqualTo("GET http://127.0.0.1:" + server.port() + "/");
    }

    @Test
    void redirectAndGarbageAreFailures() throws Exception {
        Backend backend = backend(
                Colour.BLUE,
                server.answers("HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n").port());
        start(http(), backend);
        String redirect = backend.health().detail();

        server.answers("220 mail.example ESMTP\r\n");
        Await.until("garbage seen", () -> backend.health().detail().startsWith("not HTTP: 220 mail.example"));

        assertThat(redirect).isEqualTo("302 to /login");
        assertThat(backend.isUp()).isFalse();
    }

    @Test
    void serverThatNeverAnswersTimesOutAgainAndAgain() throws Exception {
        Backend backend = backend(Colour.BLUE, server.port());

        start(settings(Kind.HTTP, Duration.ofMillis(1), Duration.ofMillis(40)), backend);
        Await.until("several probes", () -> server.accepted() > 3);

        assertThat(backend.health().detail()).isEqualTo("connected, but no answer within 40 ms");
        assertThat(backend.isUp()).isFalse();
    }

    @Test
    void tcpProbeNeedsNoAnswer() throws Exception {
        Backend backend = backend(Colour.BLUE, server.port());

        start(settings(Kind.TCP, Duration.ofMillis(10), Duration.ofSeconds(10)), backend);

        assertThat(backend.health().detail()).isEqualTo("connected");
        assertThat(backend.health().asked()).isEqualTo("connect 127.0.0.1:" + server.port());
        assertThat(backend.isUp()).isTrue();
    }

    @Test
    void withoutProbesEveryBackendIsUpAtOnce() throws Exception {
        Backend backend = backend(Colour.BLUE, refusedPort());

        start(settings(Kind.NONE, Duration.ofMillis(10), Duration.ofSeconds(10)), backend);

        assertThat(backend.health()).isEqualTo(HealthView.UNCHECKED);
        assertThat(changes).hasValue(1);
    }

    @Test
    void zoneThatIsNoneOfThisMachinesIsAFailureInWords() throws Exception {
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("fe80::1%nosuch", 80), 1);

        start(http(), backend);

        assertThat(backend.health().detail()).contains("zone");
    }

    @Test
    void emptyTableKeepsNobodyWaiting() throws Exception {
        start(http());

        assertThat(changes).hasValue(0);
    }

    @Test
    void backendsThatComeAreProbedAndThoseThatGoAreForgotten() throws Exception {
        server.answers(OK);
        Backend goes = backend(Colour.BLUE, server.port());
        start(http(), goes);

        try (ScriptedServer second = new ScriptedServer().answers(OK)) {
            Backend comes = backend(Colour.GREEN, second.port());
            switchboard.publish(table(comes));
            Await.until("the new one is up", comes::isUp);
            HealthView last = goes.health();
            int probes = second.accepted();
            Await.until("more probes of the new one", () -> second.accepted() > probes + 5);

            assertThat(goes.health()).isEqualTo(last);
        }
    }

    @Test
    void whatIsKnownOutlivesAnotherWayToProbe() throws Exception {
        Backend backend = backend(Colour.BLUE, server.answers(OK).port());
        start(judging(Duration.ofMillis(10), 1, 2), backend);
        HealthView up = backend.health();
        server.answers("HTTP/1.1 500 Oops\r\n\r\n");

        probeAs(judging(Duration.ofMillis(11), 1, 1000), backend);
        Await.until("a failure seen", () -> backend.health().statusCode() == 500);

        assertThat(backend.isUp()).isTrue();
        assertThat(backend.health().since()).isEqualTo(up.since());
        assertThat(changes).hasValue(1);

        probeAs(judging(Duration.ofMillis(12), 1000, 1), backend);
        Await.until("down", () -> !backend.isUp());
        HealthView down = backend.health();
        server.answers(OK);
        probeAs(judging(Duration.ofMillis(13), 1000, 1), backend);
        Await.until("a success seen", () -> backend.health().statusCode() == 200);

        assertThat(backend.health().against()).isPositive();
        assertThat(backend.health().turnsAt()).isEqualTo(1000);
        // Its first success under these settings, and not the first ever.
        assertThat(backend.isUp()).isFalse();
        assertThat(backend.health().since()).isEqualTo(down.since());
    }

    @Test
    void backendThatWasNotProbedIsUpUntilItFails() throws Exception {
        Backend backend =
                backend(Colour.BLUE, server.answers("HTTP/1.1 500 Oops\r\n\r\n").port());
        start(settings(Kind.NONE, Duration.ofMillis(10), Duration.ofSeconds(10)), backend);

        probeAs(judging(Duration.ofMillis(10), 1, 1000), backend);
        Await.until("a failure seen", () -> backend.health().statusCode() == 500);

        assertThat(backend.isUp()).isTrue();
        assertThat(backend.health().since()).isAfter(HealthView.UNKNOWN.since());
    }

    private void probeAs(HealthSettings settings, Backend... backends) {
        probed = settings;
        switchboard.publish(table(backends));
    }

    private static HealthSettings judging(Duration interval, int rise, int fall) {
        return new HealthSettings(
                Kind.HTTP,
                interval,
                interval,
                Duration.ofSeconds(10),
                rise,
                fall,
                0,
                HttpProbeSettings.get("/", "", List.of(new StatusRange(200, 299))));
    }

    private void start(HealthSettings settings, Backend... backends) throws Exception {
        probed = settings;
        switchboard = new Switchboard(table(backends));
        monitor = new HealthMonitor(switchboard, changes::incrementAndGet);
        monitor.start().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static HealthSettings http() {
        return settings(Kind.HTTP, Duration.ofMillis(10), Duration.ofSeconds(10));
    }

    private static HealthSettings settings(Kind kind, Duration interval, Duration timeout) {
        return new HealthSettings(
                kind,
                interval,
                interval,
                timeout,
                2,
                3,
                0,
                HttpProbeSettings.get("/", "", List.of(new StatusRange(200, 299))));
    }

    private static Backend backend(Colour colour, int port) {
        return new Backend(colour, new BackendAddress("127.0.0.1", port), 1);
    }

    private RoutingTable table(Backend... backends) {
        return new RoutingTable(
                1,
                Colour.BLUE,
                Optional.empty(),
                pool(Colour.BLUE, backends),
                pool(Colour.GREEN, backends),
                Orders.NONE);
    }

    private Pool pool(Colour colour, Backend... backends) {
        List<Pool.Member> members = Arrays.stream(backends)
                .filter(backend -> backend.colour() == colour)
                .map(backend -> new Pool.Member(backend, 1))
                .toList();
        return new Pool(
                colour,
                PoolSettings.unchecked("").judgedBy(probed, OutlierSettings.OFF),
                BalancerSettings.of(BalancerKind.LEAST_REQUESTS),
                members);
    }

    private static int refusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
