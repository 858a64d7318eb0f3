package dev.turnout.proxy.connection;

import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.ConnectionSlots;
import dev.turnout.proxy.http.HeadLimits;
import dev.turnout.proxy.observe.ExchangeObserver;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.LongLived;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. The connections of one worker to all backends: those in use, and the idle ones, of which the
 * one used last is taken first. A connection that reads anything, or is closed, while idle is dropped at once; those of a
 * backend that takes no new exchange, and is not warmed up, are closed within a second.
 */
public final class ConnectionPool {

    /** Confined to one event loop. Who waits for a connection; exactly one of the two is called, later. */
    public interface Waiter {

        void onConnected(BackendConnection connection);

        /**
         * There is no connection.
         *
         * @param cause for the log; a connect timeout is a {@link io.netty.channel.ConnectTimeoutException}, and what is no fault
         *     of the backend a {@link NoSocketException} or a {@link NoSlotException}
         */
        void onConnectFailed(Throwable cause);
    }

    /** A connection that was used within this time is hardly about to be closed: no server's timeout is as short. */
    private static final long RECENT_NANOS = 1_000_000_000L;

    /** How often it is looked whether backends with idle connections were drained, or left the table. */
    private static final long SWEEP_NANOS = 1_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private static final long TOLD_NANOS = 10_000_000_000L;

    private final Worker worker;
    private final Bootstrap bootstrap;
    private final HeadLimits limits;
    private final int maxIdle;
    private final long idleNanos;
    private final long connectNanos;
    private final int maxIdleTotal;
    private int idleCount;
    private final TimerWheel.Timer sweep = new TimerWheel.Timer(this::closeDrained);
    private boolean sweeping;
    private long shortageToldAt;
    private final Map<Backend, ArrayDeque<BackendConnection>> idle = new HashMap<>();
    private final Set<BackendConnection> open = new HashSet<>();
    /** What may be ended for a user who waits for a slot; each says whether it was. */
    private final Map<Backend, BooleanSupplier> guests = new HashMap<>();

    ConnectionPool(Worker worker, NettyTransport transport, Settings settings) {
        this.worker = worker;
        this.shortageToldAt = System.nanoTime() - TOLD_NANOS;
        this.limits = new HeadLimits(
                settings.limits().requestLine(),
                settings.limits().head(),
                settings.limits().fields());
        this.maxIdle = settings.limits().backendIdle();
        this.idleNanos = settings.timeouts().backendKeepAlive().toNanos();
        this.connectNanos = settings.timeouts().connect().toNanos();
        this.maxIdleTotal =
                (int) Worker.share(settings.limits().backendIdleTotal(), Worker.countOf(settings), worker.index());
        this.bootstrap = new Bootstrap()
                .group(worker.eventLoop())
                .channel(transport.socket())
                // Backends have addresses: no look-up may ever block an event loop.
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // A backend that answers early and closes makes our writes fail: its answer is still to be read.
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, DirectMemory.PLENTY)
                .option(ChannelOption.RECVBUF_ALLOCATOR, worker.memory().reads())
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(settings.timeouts().connect().toMillis()));
    }

    /** The idle connection to that backend that was used last, or null if there is none. */
    public @Nullable BackendConnection takeIdle(Backend backend) {
        ArrayDeque<BackendConnection> waiting = idle.get(backend);
        if (waiting == null) {
            return null;
        }
        BackendConnection taken = waiting.pollLast();
        while (taken != null) {
            idleCount--;
            if (taken.isFitForUse()) {
                return taken;
            }
            // Netty tells of a close, and the wheel of a deadline, a little after it happened.
            taken.close();
            taken = waiting.pollLast();
        }
        return null;
    }

    /**
     * An idle connection for a request that cannot be sent a second time, or null if there is none that was used a moment ago
     * and is, as far as the kernel knows, not being closed.
     */
    public @Nullable BackendConnection takeRecent(Backend backend) {
        ArrayDeque<BackendConnection> waiting = idle.get(backend);
        while (waiting != null) {
            BackendConnection last = waiting.peekLast();
            if (last == null || worker.now() - last.idleSince() > RECENT_NANOS) {
                return null;
            }
            waiting.removeLast();
            idleCount--;
            if (last.isFitForUse() && last.isEstablished()) {
                return last;
            }
            last.close();
        }
        return null;
    }

    /** Opens a new connection. */
    public void connect(Backend backend, Waiter waiter) {
        if (!tryConnect(backend, waiter)) {
            new SlotWait(worker, this, backend, waiter).begin(connectNanos);
        }
    }

    /** Opens a new connection, unless the backend has as many as it may: then it is false, and {@code waiter} hears nothing. */
    public boolean tryConnect(Backend backend, Waiter waiter) {
        if (backend.socketAddress().isUnresolved()) {
            Throwable cause = new UnknownHostException(backend.address().host());
            worker.eventLoop().execute(() -> waiter.onConnectFailed(cause));
            return true;
        }
        boolean free = backend.connectionSlots().tryTake();
        if (free) {
            open(backend, waiter);
        }
        return free;
    }

    /**
     * How many more idle connections to that backend are to be opened until it has {@code wanted} that are good for a while, or
     * there is room for no more.
     */
    public int missingIdle(Backend backend, int wanted) {
        ArrayDeque<BackendConnection> waiting = idle.get(backend);
        int there = 0;
        int good = 0;
        if (waiting != null) {
            there = waiting.size();
            good = (int) waiting.stream()
                    .filter(connection -> connection.isFitFor(idleNanos / 2))
                    .count();
        }
        int room = Math.min(maxIdle - there, maxIdleTotal - idleCount);
        return Math.max(0, Math.min(wanted - good, room));
    }

    /**
     * Tells of something on a connection to that backend that is no user's, and gives way to one who waits for a slot.
     *
     * @param end ends it, or is false if it did not; null: it is over
     */
    public void setGuest(Backend backend, @Nullable BooleanSupplier end) {
        if (end == null) {
            guests.remove(backend);
        } else {
            guests.put(backend, end);
        }
    }

    /** With a slot of the backend in hand, which goes back when the connection is closed, or was not opened. */
    void open(Backend backend, Waiter waiter) {
        BackendConnection connection = new BackendConnection(worker, this, backend, limits);
        ChannelFuture connecting = bootstrap.clone().handler(connection).connect(backend.socketAddress());
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                worker.tick();
                opened(connection);
                worker.observer().connectionOpened(ExchangeObserver.Side.BACKEND);
                waiter.onConnected(connection);
            } else {
                backend.connectionSlots().give();
                // Without a file descriptor there is no channel, and Netty tells of that on a thread of its own, or at
                // once.
                Throwable cause = NoSocketException.orElse(
                        Objects.requireNonNullElseGet(done.cause(), CancellationException::new));
                worker.eventLoop().execute(() -> {
                    worker.tick();
                    tellOfShortage(cause);
                    waiter.onConnectFailed(cause);
                });
            }
        });
    }

    private void tellOfShortage(Throwable cause) {
        if (cause instanceof NoSocketException && worker.now() - shortageToldAt > TOLD_NANOS) {
            shortageToldAt = worker.now();
            LOG.error(
                    "no socket for a connection to a backend: {}; if files are what is missing, raise the limit (ulimit -n,"
                            + " LimitNOFILE) or lower limits.connections",
                    cause.getMessage());
        }
    }

    /** Closes one idle connection to that backend, the one used longest ago, as somebody waits for its slot; false if there is none. */
    boolean closeIdle(Backend backend) {
        ArrayDeque<BackendConnection> waiting = idle.get(backend);
        BackendConnection oldest = waiting == null ? null : waiting.pollFirst();
        if (oldest == null) {
            BooleanSupplier guest = guests.get(backend);
            return guest != null && guest.getAsBoolean();
        }
        idleCount--;
        oldest.close();
        return true;
    }

    /** Ends every exchange and tunnel in flight on one colour, or those alone that had no byte for {@code idleNanos}. */
    public void abandon(Colour colour, long quietNanos) {
        for (BackendConnection connection : new ArrayList<>(open)) {
            if (connection.backend().colour() == colour && connection.isQuietFor(quietNanos)) {
                connection.abandon();
            }
        }
    }

    /** Ends every exchange and tunnel in flight on one backend. */
    public void abandon(Backend backend) {
        for (BackendConnection connection : new ArrayList<>(open)) {
            if (connection.backend() == backend) {
                connection.abandon();
            }
        }
    }

    /**
     * Ends the oldest of that kind on one colour.
     *
     * @param left how many may be; each takes one off
     */
    public void end(Colour colour, LongLived kind, AtomicInteger left) {
        if (left.get() == 0) {
            return;
        }
        List<BackendConnection> found = open.stream()
                .filter(connection -> connection.backend().colour() == colour && connection.carries(kind))
                .sorted(Comparator.comparingLong(BackendConnection::begunAt))
                .toList();
        for (BackendConnection connection : found) {
            if (left.getAndUpdate(count -> Math.max(0, count - 1)) == 0) {
                return;
            }
            connection.endExchange();
        }
    }

    /** So many of the oldest exchanges on one colour. */
    public List<InFlightView> oldest(Colour colour, int most) {
        return open.stream()
                .filter(connection -> connection.backend().colour() == colour)
                .map(BackendConnection::view)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .sorted(Comparator.comparingLong(InFlightView::ageMillis).reversed())
                .limit(most)
                .toList();
    }

    /** Closes all connections. */
    public void close() {
        for (BackendConnection connection : new ArrayList<>(open)) {
            connection.close();
        }
    }

    /** How many connections are open, idle or in use. */
    public int size() {
        return open.size();
    }

    /**
     * Takes a connection back that may be used again; false if there is no room for it, its backend is drained or has more than
     * it may, or somebody waits for its slot.
     */
    boolean keep(BackendConnection connection) {
        ConnectionSlots slots = connection.backend().connectionSlots();
        if (!connection.backend().keepsConnections(worker.now()) || slots.isWanted() || slots.surplus() > 0) {
            return false;
        }
        ArrayDeque<BackendConnection> waiting = idle.get(connection.backend());
        if (waiting == null) {
            waiting = new ArrayDeque<>();
            idle.put(connection.backend(), waiting);
        }
        if (waiting.size() >= maxIdle || idleCount >= maxIdleTotal) {
            return false;
        }
        waiting.addLast(connection);
        idleCount++;
        sweepLater();
        return true;
    }

    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            worker.timers().set(sweep, worker.now() + SWEEP_NANOS);
        }
    }

    /**
     * Without a lease nobody takes them, but the operator wants the servers to himself; unless they were opened for what comes. What
     * is idle beyond a limit that was lowered goes too; event loops that look at the same moment may close more than need be.
     */
    private void closeDrained() {
        sweeping = false;
        for (Map.Entry<Backend, ArrayDeque<BackendConnection>> entry : new ArrayList<>(idle.entrySet())) {
            if (!entry.getKey().keepsConnections(worker.now())) {
                idle.remove(entry.getKey());
                idleCount -= entry.getValue().size();
                entry.getValue().forEach(BackendConnection::close);
            } else {
                closeSurplus(entry.getKey());
            }
        }
        if (!idle.isEmpty()) {
            sweepLater();
        }
    }

    private void closeSurplus(Backend backend) {
        for (int surplus = backend.connectionSlots().surplus(); surplus > 0; surplus--) {
            if (!closeIdle(backend)) {
                return;
            }
        }
    }

    long idleNanos() {
        return idleNanos;
    }

    void opened(BackendConnection connection) {
        open.add(connection);
    }

    void closed(BackendConnection connection) {
        if (!open.remove(connection)) {
            return;
        }
        connection.backend().connectionSlots().give();
        worker.observer().connectionClosed(ExchangeObserver.Side.BACKEND);
        ArrayDeque<BackendConnection> waiting = idle.get(connection.backend());
        if (waiting != null) {
            if (waiting.remove(connection)) {
                idleCount--;
            }
            if (waiting.isEmpty()) {
                idle.remove(connection.backend());
            }
        }
    }
}
