package dev.turnout.proxy.connection;

import dev.turnout.config.Settings;
import dev.turnout.proxy.http.RequestIds;
import dev.turnout.proxy.observe.ExchangeObserver;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Confined to one event loop: everything that belongs to it alone. Client connection, exchange and backend connection of
 * a request all live on one worker, so nothing here is shared and nothing is locked.
 */
public final class Worker {

    private final int index;
    private final EventLoop eventLoop;
    private final ExchangeObserver observer;
    private final RequestIds requestIds = RequestIds.random();
    private final TimerWheel timers;
    private final DirectMemory memory;
    private final ConnectionPool connections;
    private final RetryBudget retries;
    private final HeadMemory heads;
    private final HeldRequests held;
    private List<Worker> all = List.of();
    private long now;

    /** @param index the stripe of all counters that this worker writes */
    public Worker(
            int index, EventLoop eventLoop, ExchangeObserver observer, NettyTransport transport, Settings settings) {
        this.index = index;
        this.eventLoop = eventLoop;
        this.observer = observer;
        this.now = System.nanoTime();
        this.timers = new TimerWheel(now);
        this.memory = new DirectMemory(settings.limits().directMemory());
        this.connections = new ConnectionPool(this, transport, settings);
        this.retries = RetryBudget.of(settings);
        this.heads = HeadMemory.of(countOf(settings));
        this.held = new HeldRequests(this, countOf(settings), Clock.systemUTC());
    }

    /** How many workers the settings ask for, one per core if they leave it open. */
    public static int countOf(Settings settings) {
        return settings.workers() > 0
                ? settings.workers()
                : Runtime.getRuntime().availableProcessors();
    }

    /** What one of so many workers has of a whole that they share: all their shares are the whole. */
    static long share(long whole, int workers, int index) {
        return whole / workers + (index < whole % workers ? 1 : 0);
    }

    /** Who else there is. Before it is started. */
    public void meet(List<Worker> workers) {
        all = List.copyOf(workers);
    }

    /** All workers, this one included. */
    List<Worker> all() {
        return all;
    }

    /** Starts the clock of this worker; to be called once, from any thread. */
    public void start() {
        long tick = TimerWheel.TICK_NANOS;
        var unused = eventLoop.scheduleAtFixedRate(() -> timers.advance(tick()), tick, tick, TimeUnit.NANOSECONDS);
    }

    public int index() {
        return index;
    }

    public EventLoop eventLoop() {
        return eventLoop;
    }

    public ExchangeObserver observer() {
        return observer;
    }

    public RequestIds requestIds() {
        return requestIds;
    }

    public TimerWheel timers() {
        return timers;
    }

    public DirectMemory memory() {
        return memory;
    }

    public ConnectionPool connections() {
        return connections;
    }

    public HeadMemory heads() {
        return heads;
    }

    public RetryBudget retries() {
        return retries;
    }

    /** Those of its requests that wait for the end of a hold. */
    public HeldRequests held() {
        return held;
    }

    /** Reads the clock: once for each event from the network, which is then one moment for all that follows from it. */
    public long tick() {
        now = System.nanoTime();
        return now;
    }

    /** The moment of the event in hand, in nanoseconds of {@link System#nanoTime}. */
    public long now() {
        return now;
    }
}
