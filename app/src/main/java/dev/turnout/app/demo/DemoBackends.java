package dev.turnout.app.demo;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Thread-safe. Two HTTP servers for each colour, on loopback and ports that the system chooses, with a thread of their own. */
public final class DemoBackends implements AutoCloseable {

    private static final Map<Colour, String> VERSIONS = Map.of(Colour.BLUE, "1.4.2", Colour.GREEN, "1.5.0");

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Mishaps mishaps = new Mishaps();
    private final Map<Colour, List<BackendAddress>> addresses = new EnumMap<>(Colour.class);

    private DemoBackends() {}

    /**
     * Starts all four.
     *
     * @throws IOException if the system has no port for them
     */
    public static DemoBackends start() throws IOException {
        DemoBackends backends = new DemoBackends();
        try {
            for (Colour colour : Colour.values()) {
                backends.addresses.put(colour, List.of(backends.listen(colour, 1), backends.listen(colour, 2)));
            }
            return backends;
        } catch (UncheckedIOException e) {
            backends.close();
            throw e.getCause();
        }
    }

    /** Where the servers of one colour listen. */
    public List<BackendAddress> addresses(Colour colour) {
        return addresses.getOrDefault(colour, List.of());
    }

    /** What runs in a colour's pool, as the backends themselves say it. */
    public static String version(Colour colour) {
        return VERSIONS.getOrDefault(colour, "");
    }

    /** Closes all servers and connections, and waits for it. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private BackendAddress listen(Colour colour, int number) {
        DemoIdentity identity = new DemoIdentity(colour, version(colour), colour.label() + "-" + number);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpServerKeepAliveHandler(),
                                        new HttpServerExpectContinueHandler(),
                                        new DemoHandler(identity, mishaps));
                    }
                });
        Channel server = bootstrap
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .awaitUninterruptibly()
                .channel();
        if (!(server.localAddress() instanceof InetSocketAddress local) || !server.isActive()) {
            throw new UncheckedIOException(new IOException("no port for the demo's backend " + identity.backend()));
        }
        return new BackendAddress(local.getAddress().getHostAddress(), local.getPort());
    }
}
