package dev.turnout.admin;

import dev.turnout.config.AdminSettings;
import dev.turnout.config.Settings;
import dev.turnout.proxy.control.ConfigReload;
import dev.turnout.proxy.control.ControlPlane;
import dev.turnout.proxy.control.WarmUps;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe. The operator's HTTP API on an address of its own. One event loop of its own serves all of it, so that
 * whatever its clients do takes nothing from the event loops with traffic.
 */
public final class AdminServer implements AutoCloseable {

    private final AdminSettings settings;
    private final Duration drainDeadline;
    private final Function<EventLoop, Control> control;
    private final PrometheusMeterRegistry registry;
    private final EventLoopGroup group;
    private final ChannelGroup open;

    /** Written once by whoever starts the server, read by the same. */
    private volatile @Nullable Channel listener;

    /** Written by whoever ends the process, read by the event loop for /health/ready. */
    private volatile boolean shuttingDown;

    /**
     * A server that does nothing yet.
     *
     * @param reload reads the configuration file again; empty if there is none
     */
    public AdminServer(
            AdminSettings admin,
            Settings settings,
            ControlPlane control,
            Optional<ConfigReload> reload,
            WarmUps warmUps,
            PrometheusMeterRegistry registry) {
        this(admin, settings.timeouts().drain(), loop -> new LoopControl(control, reload, warmUps, loop), registry);
    }

    AdminServer(
            AdminSettings settings,
            Duration drainDeadline,
            Function<EventLoop, Control> control,
            PrometheusMeterRegistry registry) {
        this.settings = settings;
        this.drainDeadline = drainDeadline;
        this.control = control;
        this.registry = registry;
        this.group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("turnout-admin"), NioIoHandler.newFactory());
        this.open = new DefaultChannelGroup(group.next());
    }

    /**
     * Binds and serves.
     *
     * @throws IOException if the address is taken or not ours, is not loopback while there is no token file, or the token
     *     file is broken; in one line for the operator
     */
    public void start() throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(settings.bind().host(), settings.bind().port());
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + settings.bind() + ": unknown host");
        }
        boolean loopback = address.getAddress().isLoopbackAddress();
        if (!loopback && settings.tokenFile().isEmpty()) {
            throw new IOException("admin.bind " + settings.bind()
                    + " is not loopback (expected: a loopback address, or admin.token-file to be set)");
        }
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new AdminPipeline(dispatch(), open))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + settings.bind() + ": " + reason(bound.cause()), bound.cause());
        }
        listener = bound.channel();
    }

    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("in use") ? "address already in use" : message;
    }

    /**
     * Reads the token file, if there is one, and nothing else: what {@link #start} would find wrong with it.
     *
     * @throws IOException if it is broken; names the line, never what stands in it
     */
    public static void checkTokens(AdminSettings settings) throws IOException {
        auth(settings);
    }

    private static AdminAuth auth(AdminSettings settings) throws IOException {
        try {
            return new AdminAuth(settings.tokenFile(), System::nanoTime);
        } catch (IOException e) {
            throw new IOException("admin.token-file " + e.getMessage(), e);
        }
    }

    private AdminDispatch dispatch() throws IOException {
        Control here = control.apply(group.next());
        // Whoever may only look must not take the seats of those who command.
        WaitingRoom readers = new WaitingRoom(AdminPipeline.SEATS);
        WaitingRoom commanders = new WaitingRoom(AdminPipeline.SEATS);
        WarmUpCommands warmUps = new WarmUpCommands(here, commanders);
        CanaryCommands canary = new CanaryCommands(here, warmUps, Clock.systemUTC());
        HoldCommands hold = new HoldCommands(here, warmUps, commanders, Clock.systemUTC(), group.next());
        MirrorCommands mirror = new MirrorCommands(here, Clock.systemUTC());
        AdminRouter router = new AdminRouter(
                new Views(here, readers),
                new Commands(here, warmUps, hold, canary, mirror, commanders, drainDeadline),
                canary,
                hold,
                mirror,
                new BackendCommands(here, commanders),
                warmUps,
                new ReloadCommands(here),
                new ServicePages(here, registry, () -> shuttingDown));
        return new AdminDispatch(
                new CrossSiteGuard(settings.allowedHosts()),
                router,
                auth(settings),
                new IdempotencyKeys(System::nanoTime));
    }

    /** Where it is bound, with the port the system chose if port 0 was asked for. */
    public InetSocketAddress boundAddress() {
        Channel bound = listener;
        if (bound == null) {
            throw new IllegalStateException("not started");
        }
        return (InetSocketAddress) bound.localAddress();
    }

    /** From now on /health/ready answers 503, so that load balancers in front look elsewhere; all else goes on. */
    public void announceShutdown() {
        shuttingDown = true;
    }

    /** Closes the listener and all connections, and waits until the event loop has ended. */
    @Override
    public void close() {
        Channel bound = listener;
        if (bound != null) {
            bound.close().awaitUninterruptibly();
        }
        open.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
