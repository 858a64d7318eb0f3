package dev.turnout.proxy.health;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.HttpProbeSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.NoSocketException;
import dev.turnout.proxy.connection.ProxyHeaderWriter;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. One probe of one backend: opens a connection of its own, asks if it is told to, and reports
 * once, at the latest when the time is over.
 */
final class HealthProbe extends ChannelInboundHandlerAdapter {

    private final HealthSettings settings;
    private final Backend backend;
    private final Consumer<ProbeResult> report;
    private final HttpAnswer answer;
    private final ChannelFactory<? extends Channel> sockets;

    private @Nullable Future<?> timeout;
    private @Nullable Channel channel;
    private boolean connected;
    private boolean over;

    HealthProbe(HealthSettings settings, Backend backend, Consumer<ProbeResult> report) {
        this(settings, backend, report, NioSocketChannel::new);
    }

    /** @param sockets makes one, or throws as Netty does */
    HealthProbe(
            HealthSettings settings,
            Backend backend,
            Consumer<ProbeResult> report,
            ChannelFactory<? extends Channel> sockets) {
        this.sockets = sockets;
        this.settings = settings;
        this.backend = backend;
        this.report = report;
        this.answer =
                new HttpAnswer(settings.http().expectedStatus(), settings.http().bodyMatch());
    }

    /** What a probe asks, and where, for the operator. */
    static String asked(HealthSettings settings, Backend backend) {
        BackendAddress served = backend.address();
        BackendAddress target = settings.port() == 0 ? served : new BackendAddress(served.host(), settings.port());
        HttpProbeSettings http = settings.http();
        return settings.kind() == HealthSettings.Kind.HTTP
                ? http.method() + " http://" + target + http.path()
                        + (http.host().isEmpty() ? "" : ", Host: " + http.host())
                : "connect " + target;
    }

    /** Begins the probe. */
    void start(EventLoop loop) {
        timeout = loop.schedule(this::timedOut, settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
        connect(loop, backend.socketAddress());
    }

    private void connect(EventLoop loop, InetSocketAddress served) {
        if (served.isUnresolved()) {
            finish(ProbeResult.failure("its address has a zone that is none of this machine's"));
            return;
        }
        InetSocketAddress target =
                settings.port() == 0 ? served : new InetSocketAddress(served.getAddress(), settings.port());
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channelFactory(sockets)
                .resolver(NoopAddressResolverGroup.INSTANCE)
                // The timeout of the whole probe covers it.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(this)
                .connect(target);
        channel = connecting.channel();
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                // Without a socket Netty tells of it on a thread of its own.
                loop.execute(() -> finish(failed(done.cause())));
            }
        });
    }

    private static ProbeResult failed(Throwable cause) {
        Throwable reason = NoSocketException.orElse(cause);
        return reason instanceof NoSocketException
                ? ProbeResult.inconclusive("no socket to probe with: " + words(reason))
                : ProbeResult.failure(words(reason));
    }

    /** Ends the probe without a report. */
    void cancel() {
        over = true;
        if (timeout != null) {
            timeout.cancel(false);
        }
        // What Netty makes in place of a channel for which there was no socket cannot be closed.
        if (channel != null && channel.isRegistered()) {
            channel.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        connected = true;
        ByteBuf question = ctx.alloc().buffer();
        ProxyHeaderWriter.writeLocal(backend.proxyProtocol(), question);
        if (settings.kind() == HealthSettings.Kind.HTTP) {
            question.writeCharSequence(request(), StandardCharsets.US_ASCII);
        }
        if (question.isReadable()) {
            ctx.writeAndFlush(question).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        } else {
            question.release();
        }
        if (settings.kind() != HealthSettings.Kind.HTTP) {
            finish(ProbeResult.success("connected"));
        }
    }

    private String request() {
        HttpProbeSettings http = settings.http();
        String host = http.host().isEmpty() ? backend.authority() : http.host();
        StringBuilder request = new StringBuilder(http.method() + " " + http.path() + " HTTP/1.1\r\n");
        request.append("Host: ").append(host).append("\r\n");
        for (String field : List.of("User-Agent: turnout-health", "Accept: */*")) {
            String name = field.substring(0, field.indexOf(':') + 1);
            if (http.headers().stream().noneMatch(own -> own.regionMatches(true, 0, name, 0, name.length()))) {
                request.append(field).append("\r\n");
            }
        }
        http.headers().forEach(field -> request.append(field).append("\r\n"));
        return request.append("Connection: close\r\n\r\n").toString();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf received = (ByteBuf) message;
        try {
            answer.add(received);
        } finally {
            received.release();
        }
        ProbeResult result = answer.result();
        if (result != null) {
            finish(result);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish(answer.end("connection closed before an answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        finish(answer.end(words(cause)));
    }

    /** The time is over; an answer whose status came in time still counts. */
    void timedOut() {
        finish(answer.end((connected ? "connected, but no answer within " : "no connection within ")
                + settings.timeout().toMillis() + " ms"));
    }

    private void finish(ProbeResult result) {
        if (!over) {
            cancel();
            report.accept(result);
        }
    }

    /** {@code Connection refused: /127.0.0.1:9101} without the address, which the operator knows. */
    private static String words(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        int colon = message.indexOf(": ");
        return (colon < 0 ? message : message.substring(0, colon)).toLowerCase(Locale.ROOT);
    }
}
