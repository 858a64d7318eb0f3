package dev.turnout.proxy.health;

import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.OutlierSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe: what changes is confined to one event loop of its own, apart from traffic. Probes the backends of both
 * pools at all times, of the idle one too, since a rollback is only as good as what is known of where it leads. Follows
 * the routing table: a backend that appears in it is probed, one that is gone is forgotten.
 */
public final class HealthMonitor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HealthMonitor.class);

    private final Switchboard switchboard;
    private final Runnable healthChanged;
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("turnout-health", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final CompletableFuture<Void> firstRound = new CompletableFuture<>();

    /** How often it is looked whether an ejection is over. */
    private static final Duration OUTLIER_INTERVAL = Duration.ofMillis(50);

    private final OutlierDetector outliers = new OutlierDetector(System::nanoTime, Clock.systemUTC());
    /** Whether a look at the table waits for the event loop. Set by the control thread, cleared by the event loop. */
    private final AtomicBoolean followPending = new AtomicBoolean();

    private final Map<Backend, BackendWatch> watches = new HashMap<>();
    private @Nullable RoutingTable followed;
    private int firstProbesAwaited;

    /**
     * A monitor that has yet to be started.
     *
     * @param healthChanged run on the monitor's event loop after a backend's health was set; must not block
     */
    public HealthMonitor(Switchboard switchboard, Runnable healthChanged) {
        this.switchboard = switchboard;
        this.healthChanged = healthChanged;
    }

    /**
     * Begins to probe. To be called once.
     *
     * @return completes, on the monitor's event loop, when every backend of the table in force was probed once and
     *     {@code healthChanged} was told; how long to wait for the slowest of them is for the caller to say
     */
    public CompletionStage<Void> start() {
        loop.execute(() -> {
            firstProbesAwaited = switchboard.current().backends().size();
            if (firstProbesAwaited == 0) {
                firstRound.complete(null);
            }
            follow();
            long interval = OUTLIER_INTERVAL.toMillis();
            loop.scheduleWithFixedDelay(this::lookForOutliers, interval, interval, TimeUnit.MILLISECONDS);
        });
        switchboard.follow(this::followSoon);
        return firstRound;
    }

    /** On the control thread, after each table. */
    private void followSoon() {
        if (!followPending.compareAndSet(false, true)) {
            return;
        }
        try {
            loop.execute(() -> {
                followPending.set(false);
                follow();
            });
        } catch (RejectedExecutionException e) {
            log.debug("the table changed while shutting down");
        }
    }

    private void follow() {
        RoutingTable table = switchboard.current();
        if (table.equals(followed)) {
            return;
        }
        followed = table;
        Set<Backend> present = new HashSet<>(table.backends());
        watches.forEach((backend, watch) -> {
            if (!present.contains(backend)) {
                watch.stop();
            }
        });
        watches.keySet().retainAll(present);
        present.forEach(backend -> watches.compute(backend, (same, before) -> watch(same, before, table)));
        for (Colour colour : Colour.values()) {
            clearSuspicions(table.pool(colour));
        }
        outliers.follow(table);
    }

    private void lookForOutliers() {
        if (outliers.look(switchboard.current())) {
            healthChanged.run();
        }
    }

    /** On the event loop of a request. */
    private void failed(Backend backend, FailureKind kind, int inARow) {
        OutlierSettings settings =
                switchboard.current().pool(backend.colour()).settings().outliers();
        if (!OutlierDetector.isTooMany(settings, kind, inARow)) {
            return;
        }
        // At once: until the table without it is in force, hundreds of requests could go there.
        backend.suspect();
        try {
            loop.execute(() -> {
                RoutingTable table = switchboard.current();
                if (outliers.failed(table, backend, kind, inARow)) {
                    healthChanged.run();
                }
                if (!backend.isEjected()) {
                    backend.clearSuspicion();
                }
                clearSuspicions(table.pool(backend.colour()));
            });
        } catch (RejectedExecutionException e) {
            log.debug("a backend failed while shutting down");
        }
    }

    /** Of those that are ejected, once the table says so; where all are it has them all, and that is as it should be. */
    private static void clearSuspicions(Pool pool) {
        List<Backend> usable = pool.usableBackends();
        boolean all = usable.stream().allMatch(Backend::isEjected);
        for (Pool.Member member : pool.members()) {
            Backend backend = member.backend();
            if (backend.isSuspect() && backend.isEjected() && (all || !usable.contains(backend))) {
                backend.clearSuspicion();
            }
        }
    }

    /** The watch of a backend: as before, unless there was none or it is to be probed in another way. */
    private BackendWatch watch(Backend backend, @Nullable BackendWatch before, RoutingTable table) {
        HealthSettings settings = table.pool(backend.colour()).settings().health();
        if (before != null && before.settings().equals(settings)) {
            return before;
        }
        if (before != null) {
            before.stop();
        }
        backend.setFailureListener(this::failed);
        BackendWatch watch = before == null
                ? new BackendWatch(backend, settings, loop, healthChanged, this::firstProbeOver)
                : new BackendWatch(backend, settings, loop, healthChanged, before.standing());
        // Not from here: should the callback throw, the other backends would not be looked at.
        loop.execute(watch::start);
        return watch;
    }

    /** Backends that came later count as well; by then nobody waits. */
    private void firstProbeOver() {
        firstProbesAwaited--;
        if (firstProbesAwaited == 0) {
            firstRound.complete(null);
        }
    }

    /** Ends all probes; what was known of the backends stays as it is. */
    @Override
    public void close() {
        if (!loop.isShuttingDown()) {
            loop.execute(() -> watches.values().forEach(BackendWatch::stop));
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
