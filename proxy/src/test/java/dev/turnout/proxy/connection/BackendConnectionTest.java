package dev.turnout.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.config.Transport;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One connection to a backend, and the connection pool it is kept in. */
final class BackendConnectionTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\nok";

    private final Settings settings = new SettingsBuilder()
            .listener("127.0.0.1:0")
            .health(HealthSettings.Kind.NONE)
            .build();
    private final Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 1), 1);
    private final SocketlessWorker worker = new SocketlessWorker(settings, new Unobserved());
    private final ConnectionPool pool = worker.worker().connections();
    private final List<String> heard = new ArrayList<>();

    BackendConnectionTest() {
        backend.open();
    }

    @Test
    void connectionIsKeptAfterAnAnswerThatIsWhole() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        BackendConnection connection = begin();

        read(channel, OK);

        assertThat(heard).containsExactly("head 200", "body ok", "end");
        assertThat(pool.takeIdle(backend)).isSameAs(connection);
    }

    @Test
    void answerThatComesByteByByteIsTheSame() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        BackendConnection connection = begin();

        for (int i = 0; i < OK.length(); i++) {
            read(channel, OK.substring(i, i + 1));
        }

        assertThat(heard).containsExactly("head 200", "body o", "body k", "end");
        assertThat(pool.takeIdle(backend)).isSameAs(connection);
    }

    @Test
    void bytesBehindAnAnswerCloseTheConnection() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();

        read(channel, OK + "H");

        assertThat(heard).containsExactly("head 200", "body ok", "end");
        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.takeIdle(backend)).isNull();
    }

    /** Else a pipelined request would be given what lies behind the answer to the one before it. */
    @Test
    void connectionIsNotUsedAgainBeforeAllThatLiesBehindTheAnswerIsRead() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        BackendConnection connection = begin();

        channel.writeOneInbound(Unpooled.copiedBuffer(OK, StandardCharsets.US_ASCII));

        assertThat(heard).containsExactly("head 200", "body ok", "end");
        assertThat(pool.takeIdle(backend)).isNull();

        channel.flushInbound();

        assertThat(pool.takeIdle(backend)).isSameAs(connection);
    }

    @Test
    void bytesBehindAnAnswerInAReadOfTheirOwnCloseTheConnection() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();

        channel.writeOneInbound(Unpooled.copiedBuffer(OK, StandardCharsets.US_ASCII));
        channel.writeOneInbound(Unpooled.copiedBuffer(OK, StandardCharsets.US_ASCII));

        assertThat(heard).containsExactly("head 200", "body ok", "end");
        assertThat(channel.isActive()).isFalse();
        assertThat(pool.takeIdle(backend)).isNull();
    }

    @Test
    void bytesThatNobodyAskedForCloseTheConnection() {
        EmbeddedChannel channel = worker.idleConnection(backend);

        read(channel, "H");

        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.takeIdle(backend)).isNull();
    }

    @Test
    void idleConnectionIsClosedAfterItsTime() {
        EmbeddedChannel channel = worker.idleConnection(backend);

        worker.runTimersAfter(Duration.ofSeconds(5));

        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.takeIdle(backend)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout=20", "max=5 , Timeout=20", "timeout=20, timeout=60"})
    void connectionIsClosedASecondBeforeTheTimeTheBackendTells(String told) {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();
        read(channel, keptFor(told));

        worker.runTimersAfter(Duration.ofSeconds(18));
        assertThat(channel.isOpen()).as(told).isTrue();
        worker.runTimersAfter(Duration.ofSeconds(20));
        assertThat(channel.isOpen()).as(told).isFalse();
    }

    @Test
    void connectionOfABackendThatClosesWithinASecondIsNotKept() {
        for (String told : List.of("timeout=0", "timeout=1", "timeout=1, max=100")) {
            EmbeddedChannel channel = worker.idleConnection(backend);
            begin();

            read(channel, keptFor(told));

            assertThat(channel.isOpen()).as(told).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout=-1", "timeout=", "timeout= 9", "timeout=999999999", "timeout=9s", "xtimeout=9"})
    void timeThatIsNoPlainNumberIsNotBelieved(String told) {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();
        read(channel, keptFor(told));

        worker.runTimersAfter(Duration.ofSeconds(3));
        assertThat(channel.isOpen()).as(told).isTrue();
        worker.runTimersAfter(Duration.ofSeconds(5));
        assertThat(channel.isOpen()).as(told).isFalse();
    }

    @Test
    void idleConnectionsOfADrainedBackendAreClosed() {
        EmbeddedChannel channel = worker.idleConnection(backend);

        backend.close();
        worker.runTimersAfter(Duration.ofMillis(1500));

        assertThat(channel.isOpen()).isFalse();
        assertThat(worker.idleConnection(backend).isOpen()).isFalse();
    }

    @Test
    void idleConnectionsOfABackendThatIsWarmedUpAreKeptForAWhile() {
        backend.close();
        backend.keepConnectionsUntil(
                worker.worker().tick() + Duration.ofSeconds(2).toNanos());
        EmbeddedChannel channel = worker.idleConnection(backend);

        worker.runTimersAfter(Duration.ofMillis(1100));
        assertThat(channel.isOpen()).isTrue();
        backend.keepConnectionsUntil(worker.worker().tick());
        worker.runTimersAfter(Duration.ofMillis(2200));

        assertThat(channel.isOpen()).isFalse();
        assertThat(worker.idleConnection(backend).isOpen()).isFalse();
    }

    @Test
    void connectionsThatAreMissingAreThoseThatThereIsRoomFor() {
        SocketlessWorker small = new SocketlessWorker(
                new SettingsBuilder()
                        .set("limits.backend-idle", 3)
                        .set("timeouts.backend-keep-alive", "1h")
                        .build(),
                new Unobserved());
        ConnectionPool connections = small.worker().connections();

        assertThat(connections.missingIdle(backend, 2)).isEqualTo(2);
        assertThat(connections.missingIdle(backend, 9)).isEqualTo(3);
        EmbeddedChannel first = small.idleConnection(backend);
        small.idleConnection(backend);
        assertThat(connections.missingIdle(backend, 2)).isZero();
        assertThat(connections.missingIdle(backend, 9)).isEqualTo(1);
        first.close();
        assertThat(connections.missingIdle(backend, 2)).isEqualTo(1);
        small.close();
    }

    @Test
    void connectionThatRestedIsNotTakenForWhatCannotBeSentTwice() {
        worker.idleConnection(backend);
        assertThat(pool.takeRecent(backend)).isNotNull();
        EmbeddedChannel rested = worker.idleConnection(backend);
        long since = worker.worker().now();

        while (worker.worker().tick() - since <= Duration.ofSeconds(1).toNanos()) {
            LockSupport.parkNanos(10_000_000);
        }

        assertThat(pool.takeRecent(backend)).isNull();
        assertThat(rested.isOpen()).isTrue();
        assertThat(pool.takeIdle(backend)).isNotNull();
    }

    @Test
    void closeBeforeTheRequestIsHandedOnIsTold() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();
        channel.close();

        channel = worker.idleConnection(backend);
        begin().flush();
        channel.close();

        assertThat(heard).containsExactly("CLOSED_BEFORE_REQUEST", "CLOSED_WITHOUT_RESPONSE");
    }

    private static String keptFor(String told) {
        return "HTTP/1.1 200 OK\r\nKeep-Alive: " + told + "\r\nContent-Length: 0\r\n\r\n";
    }

    @Test
    void bodyThatEndsAtCloseIsWholeAtAClose() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();

        read(channel, UNTIL_CLOSE);
        channel.close();

        assertThat(heard).containsExactly("head 200", "body ok", "end");
    }

    @Test
    void bodyThatEndsAtCloseIsNotWholeAfterAReset() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();

        read(channel, UNTIL_CLOSE);
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        channel.close();

        assertThat(heard).containsExactly("head 200", "body ok", "CLOSED_IN_RESPONSE");
    }

    @Test
    void bodyThatEndsAtCloseIsNotWholeAfterAFaultOfOurs() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();

        read(channel, UNTIL_CLOSE + "unheard of");

        assertThat(heard).containsExactly("head 200", "OUR_FAULT");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void connectionThatCouldNotBeWrittenToIsNotKept() {
        EmbeddedChannel channel = worker.idleConnection(backend);
        begin();

        channel.pipeline().fireExceptionCaught(new IOException("Broken pipe"));
        read(channel, OK);

        assertThat(heard).containsExactly("head 200", "body ok", "end");
        assertThat(channel.isOpen()).isFalse();
        assertThat(pool.takeIdle(backend)).isNull();
    }

    @Test
    void missingFileDescriptorIsToldOnTheEventLoop() throws Exception {
        EventLoop eventLoop = new DefaultEventLoop();
        try {
            NettyTransport nio = NettyTransport.choose(Transport.NIO);
            NettyTransport exhausted =
                    new NettyTransport("nio", nio.ioHandlers(), nio.serverSocket(), Exhausted.class, false);
            Worker poor = new Worker(0, eventLoop, new Unobserved(), exhausted, settings);
            CompletableFuture<Boolean> toldOnEventLoop = new CompletableFuture<>();

            eventLoop.execute(() -> poor.connections().connect(backend, new ConnectionPool.Waiter() {
                @Override
                public void onConnected(BackendConnection connection) {
                    toldOnEventLoop.complete(false);
                }

                @Override
                public void onConnectFailed(Throwable cause) {
                    toldOnEventLoop.complete(eventLoop.inEventLoop());
                }
            }));

            assertThat(toldOnEventLoop.get(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** What the system calls do when no file descriptor is left. */
    public static final class Exhausted extends NioSocketChannel {
        public Exhausted() {
            throw new ChannelException("Too many open files");
        }
    }

    private BackendConnection begin() {
        BackendConnection connection = pool.takeIdle(backend);
        assertThat(connection).isNotNull();
        connection.begin(new Listener(connection), Method.GET);
        connection.writeEnd(null);
        return connection;
    }

    private static void read(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    }

    /** Writes down what it hears, and fails at a body that is too long. */
    private final class Listener implements ResponseListener {
        private final BackendConnection connection;

        Listener(BackendConnection connection) {
            this.connection = connection;
        }

        @Override
        public void onInformational(Head head) {
            heard.add("interim " + head.status());
        }

        @Override
        public void onResponseHead(Head head) {
            heard.add("head " + head.status());
        }

        @Override
        public void onResponseBody(ByteBuf data) {
            String text = data.toString(StandardCharsets.ISO_8859_1);
            data.release();
            if (text.length() > 5) {
                throw new IllegalStateException("as the test wants it");
            }
            heard.add("body " + text);
        }

        @Override
        public void onResponseEnd(@Nullable Head trailers) {
            heard.add("end");
            connection.release();
        }

        @Override
        public void onTunnelBytes(ByteBuf data) {
            data.release();
        }

        @Override
        public void onTunnelEnd() {
            heard.add("tunnel end");
        }

        @Override
        public void onReadComplete() {}

        @Override
        public void onWritable() {}

        @Override
        public void onDeadline() {
            heard.add("deadline");
        }

        @Override
        public void onFailure(Failure failure) {
            heard.add(failure.name());
        }

        @Override
        public void onAbandon() {
            heard.add("abandon");
        }
    }
}
