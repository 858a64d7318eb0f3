package dev.turnout.proxy.frontend;

import dev.turnout.config.Colour;
import dev.turnout.config.ListenerSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SocketBind;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.DirectMemory;
import dev.turnout.proxy.connection.NettyTransport;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.exchange.ExchangeRules;
import dev.turnout.proxy.exchange.WarmUpRound;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.observe.ExchangeObserver;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.InFlight;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.LongLived;
import dev.turnout.proxy.routing.Switchboard;
import dev.turnout.proxy.routing.WarmUpOrder;
import dev.turnout.proxy.routing.WarmUpReport;
import dev.turnout.proxy.routing.Warmer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe. All that carries traffic: the event loops, a worker on each, and the listeners. Where ports can be shared,
 * every worker has a listening socket of its own, and a connection stays for life on the worker that accepted it.
 */
public final class TrafficPlane implements InFlight, Warmer, AutoCloseable {

    /** Without a byte for so long an exchange or tunnel counts as idle when a drain closes idle ones. */
    private static final Duration IDLE_IN_DRAIN = Duration.ofSeconds(5);

    /** How long a connection that was begun may take to be complete, and to be accepted, when no more are begun. */
    private static final Duration LAST_ACCEPTS = Duration.ofMillis(200);

    /** Time for clients to send over an idle connection once more before it is closed at a shutdown. */
    private static final Duration LAST_REQUEST_GRACE = Duration.ofSeconds(1);

    private static final long POLL_NANOS = 10_000_000L;

    /** How long an event loop may take to tell what is on it. */
    private static final Duration OLDEST_WITHIN = Duration.ofSeconds(1);

    private static final int BACKLOG = 4096;

    private final Settings settings;
    private final Switchboard switchboard;
    private final NettyTransport transport;
    private final EventLoopGroup group;
    private final List<Worker> workers = new ArrayList<>();
    private final Map<EventLoop, Worker> workerOf = new HashMap<>();
    private final ExchangeRules rules;
    private final SharedLimits shared;
    /** What an event loop may have open when all clients have one each; there are files for that. */
    private final int backendConnections;

    private final List<Channel> listeners = new ArrayList<>();
    private final AtomicInteger endingFrom = new AtomicInteger();

    /** Control thread only: the hold that workers were told of last. */
    private @Nullable HoldOrder holdTold;

    /**
     * Makes the event loops; nothing listens before {@link #start}.
     *
     * @param observers one for each worker, by its number
     * @throws IllegalStateException if the transport asked for does not work here
     */
    public TrafficPlane(
            Settings settings,
            Switchboard switchboard,
            Evidence evidence,
            Mirror mirror,
            IntFunction<ExchangeObserver> observers) {
        this.settings = settings;
        this.switchboard = switchboard;
        this.transport = NettyTransport.choose(settings.transport());
        int count = workersOf(settings);
        this.group = new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory("turnout-worker"), transport.ioHandlers());
        for (int i = 0; i < count; i++) {
            EventLoop eventLoop = group.next();
            Worker worker = new Worker(i, eventLoop, observers.apply(i), transport, settings);
            workers.add(worker);
            workerOf.put(eventLoop, worker);
        }
        this.rules = ExchangeRules.of(settings, switchboard, evidence, mirror);
        int connections = OpenFiles.connections(settings.limits().connections());
        this.backendConnections = connections / count;
        this.shared = SharedLimits.of(settings, connections, count);
        this.holdTold = switchboard.current().hold();
        switchboard.follow(this::onPublish);
    }

    /** How many event loops the settings ask for, one per core if they leave it open. */
    public static int workersOf(Settings settings) {
        return Worker.countOf(settings);
    }

    /** Name of the transport in use. */
    public String transportName() {
        return transport.name();
    }

    /**
     * Binds all listeners; when this returns, clients are served.
     *
     * @throws IOException if one cannot be bound; the message names it. Nothing is bound then
     */
    public void start() throws IOException {
        workers.forEach(worker -> worker.meet(workers));
        workers.forEach(Worker::start);
        for (ListenerSettings listener : settings.listeners()) {
            try {
                bind(listener);
            } catch (IOException e) {
                listeners.forEach(channel -> channel.close().syncUninterruptibly());
                listeners.clear();
                throw e;
            }
        }
    }

    /** Reads the pages of errors again. May block. */
    public void reloadErrorPages() {
        rules.pages().reload();
    }

    /** Where clients are served, in the order of the settings. */
    public List<InetSocketAddress> boundAddresses() {
        return listeners.stream()
                .map(channel -> (InetSocketAddress) channel.localAddress())
                .distinct()
                .toList();
    }

    @Override
    public long held() {
        return workers.stream().mapToLong(worker -> worker.held().size()).sum();
    }

    /** Has the workers let go what waits, if there is nothing to wait for any longer. */
    private void onPublish() {
        HoldOrder now = switchboard.current().hold();
        if (Objects.equals(now, holdTold) || group.isShuttingDown()) {
            return;
        }
        holdTold = now;
        for (Worker worker : workers) {
            worker.eventLoop().execute(() -> {
                worker.tick();
                worker.held().look(switchboard.current().hold());
            });
        }
    }

    @Override
    public void close(Colour colour, boolean idleOnly) {
        if (group.isShuttingDown()) {
            // The deadline of a drain may pass while the process ends: nothing is left that could be closed.
            return;
        }
        long quietNanos = idleOnly ? IDLE_IN_DRAIN.toNanos() : Long.MIN_VALUE;
        for (Worker worker : workers) {
            worker.eventLoop().execute(() -> {
                worker.tick();
                worker.connections().abandon(colour, quietNanos);
            });
        }
    }

    @Override
    public void close(Backend backend) {
        if (group.isShuttingDown()) {
            return;
        }
        for (Worker worker : workers) {
            worker.eventLoop().execute(() -> {
                worker.tick();
                worker.connections().abandon(backend);
            });
        }
    }

    @Override
    public void end(Colour colour, LongLived kind, AtomicInteger left) {
        if (group.isShuttingDown()) {
            return;
        }
        // Who is asked first goes round: at a low rate the first takes all.
        int count = workers.size();
        int begin = Math.floorMod(endingFrom.getAndIncrement(), count);
        for (int i = 0; i < count; i++) {
            Worker worker = workers.get((begin + i) % count);
            worker.eventLoop().execute(() -> {
                worker.tick();
                worker.connections().end(colour, kind, left);
            });
        }
    }

    @Override
    public CompletionStage<List<InFlightView>> oldest(Colour colour, int most) {
        List<CompletableFuture<List<InFlightView>>> parts = new ArrayList<>();
        for (Worker worker : workers) {
            parts.add(CompletableFuture.supplyAsync(() -> worker.connections().oldest(colour, most), worker.eventLoop())
                    .completeOnTimeout(List.of(), OLDEST_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
        }
        return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
                .thenApply(all -> parts.stream()
                        .flatMap(part -> part.join().stream())
                        .sorted(Comparator.comparingLong(InFlightView::ageMillis)
                                .reversed())
                        .limit(most)
                        .toList());
    }

    @Override
    public int eventLoops() {
        return workers.size();
    }

    @Override
    public CompletionStage<WarmUpReport> warmUp(WarmUpOrder order) {
        return WarmUpRound.begin(workers, order, backendConnections);
    }

    /**
     * Goes on for {@code delay}, with each answer the last of its connection; then stops accepting, lets what is in flight
     * finish for at most {@code deadline}, and closes everything. Blocks until that is done. Every call but the first does
     * nothing.
     *
     * @return whether all that was in flight finished by itself
     */
    public boolean shutdown(Duration delay, Duration deadline) {
        if (group.isShuttingDown()) {
            return true;
        }
        clients().announceEnd();
        onEachConnection(Http1Stage::announceClose);
        long delayed = System.nanoTime() + delay.toNanos();
        while (delayed - System.nanoTime() > 0) {
            LockSupport.parkNanos(Math.min(POLL_NANOS, delayed - System.nanoTime()));
        }
        if (!delay.isZero() || !clients().open().isEmpty()) {
            acceptTheLast();
        }
        listeners.forEach(channel -> channel.close().syncUninterruptibly());
        onEachConnection(Http1Stage::announceClose);
        long now = System.nanoTime();
        long end = now + deadline.toNanos();
        // A request may be on its way over an idle connection: it is answered, and told to be the last.
        awaitNoConnections(Math.min(end, now + LAST_REQUEST_GRACE.toNanos()));
        while (!clients().open().isEmpty() && end - System.nanoTime() > 0) {
            // Again and again, for a connection accepted last may only now have arrived.
            onEachConnection(Http1Stage::closeWhenIdle);
            awaitNoConnections(Math.min(end, System.nanoTime() + LAST_REQUEST_GRACE.toNanos()));
        }
        boolean finished = clients().open().isEmpty();
        onEachConnection(Http1Stage::closeNow);
        // The event loops must not end before the last answers have left.
        awaitNoConnections(System.nanoTime() + LAST_REQUEST_GRACE.toNanos());
        for (Worker worker : workers) {
            worker.eventLoop().execute(() -> worker.connections().close());
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        return finished;
    }

    @Override
    public void close() {
        shutdown(Duration.ZERO, Duration.ZERO);
    }

    /** Those whose connections are complete, though nobody has accepted them yet. */
    private void acceptTheLast() {
        boolean any = false;
        for (Channel listener : listeners) {
            any |= LastClients.only(listener);
        }
        long end = System.nanoTime() + LAST_ACCEPTS.toNanos();
        while (any && end - System.nanoTime() > 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private void awaitNoConnections(long until) {
        while (!clients().open().isEmpty() && until - System.nanoTime() > 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private void onEachConnection(Consumer<Http1Stage> action) {
        for (Http1Stage stage : clients().open()) {
            stage.onEventLoop(action);
        }
    }

    private Clients clients() {
        return shared.clients();
    }

    private void bind(ListenerSettings listener) throws IOException {
        SocketBind bind = listener.bind();
        InetSocketAddress address = new InetSocketAddress(bind.host(), bind.port());
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + bind + ": unknown host");
        }
        boolean sharedPort = transport.sharesPorts() && workers.size() > 1;
        if (sharedPort) {
            refuseIfTaken(bind, address);
        }
        ListenerContext context = new ListenerContext(listener, settings, rules, shared);
        for (Worker worker : sharedPort ? workers : workers.subList(0, 1)) {
            Channel channel = bind(context, bind, address, worker, sharedPort);
            listeners.add(channel);
            // Port 0: the others have to have the one that the first was given.
            address = (InetSocketAddress) channel.localAddress();
        }
    }

    private Channel bind(
            ListenerContext context, SocketBind bind, InetSocketAddress address, Worker worker, boolean sharedPort)
            throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(worker.eventLoop(), sharedPort ? worker.eventLoop() : group)
                .channel(transport.serverSocket())
                .handler(new AcceptPause())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, DirectMemory.PLENTY)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, worker.memory().reads())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Worker own = Objects.requireNonNull(workerOf.get(channel.eventLoop()));
                        channel.pipeline()
                                .addLast(
                                        context.knowsProxyProtocol()
                                                ? new ProxyProtocolStage(context, own)
                                                : new Http1Stage(context, own));
                    }
                });
        if (sharedPort) {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
        var binding = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = binding.cause();
        if (cause != null) {
            throw new IOException("cannot listen on " + bind + ": " + reason(cause), cause);
        }
        return binding.channel();
    }

    /** With SO_REUSEPORT a second process would get half of the connections instead of an error. */
    private static void refuseIfTaken(SocketBind bind, InetSocketAddress address) throws IOException {
        // A socket that is bound but never listens: no client can reach it by chance.
        try (Socket probe = new Socket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + bind + ": " + reason(e), e);
        }
    }

    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("in use") ? "address already in use" : message;
    }
}
