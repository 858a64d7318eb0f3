package dev.turnout.app;

import dev.turnout.admin.AdminServer;
import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import dev.turnout.config.TimeoutSettings;
import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.control.Actor;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ConfigReload;
import dev.turnout.proxy.control.ControlPlane;
import dev.turnout.proxy.control.FirstTable;
import dev.turnout.proxy.control.LoadedState;
import dev.turnout.proxy.control.StateInUseException;
import dev.turnout.proxy.control.StateStore;
import dev.turnout.proxy.control.WarmUps;
import dev.turnout.proxy.discovery.NameDiscovery;
import dev.turnout.proxy.exchange.ProxyError;
import dev.turnout.proxy.frontend.TrafficPlane;
import dev.turnout.proxy.health.HealthMonitor;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.observe.AccessLog;
import dev.turnout.proxy.observe.ExchangeObserver;
import dev.turnout.proxy.observe.ExchangeObservers;
import dev.turnout.proxy.observe.MicrometerObserver;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import dev.turnout.proxy.webhook.Webhooks;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Thread-safe once started. One whole Turnout: the only place where its parts are made and put together, in order. */
public final class Application implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Application.class);

    /** How long the first round of probes may keep clients waiting; a backend that takes longer is down until it answers. */
    private static final Duration FIRST_ROUND = Duration.ofSeconds(1);

    private final TrafficPlane traffic;
    private final AdminServer admin;
    private final List<Runnable> reopenings;
    private final Optional<ConfigReload> reload;
    /** What ends the parts, in the order in which to call it; emptied by the first {@link #close}. */
    private final Deque<AutoCloseable> ends;

    private Application(
            TrafficPlane traffic,
            AdminServer admin,
            List<Runnable> reopenings,
            Optional<ConfigReload> reload,
            Deque<AutoCloseable> ends) {
        this.reload = reload;
        this.reopenings = reopenings;
        this.traffic = traffic;
        this.admin = admin;
        this.ends = ends;
    }

    /**
     * Starts everything; when this returns, clients and operators are served.
     *
     * @throws IOException if something outside is in the way, such as a port in use; the message is one line for the
     *     operator, and nothing was left running
     */
    public static Application start(Settings settings) throws IOException {
        return start(settings, Optional.empty());
    }

    /** The same for settings out of a file, which can then be read again. */
    public static Application start(Settings settings, Optional<ConfigReload.Source> file) throws IOException {
        Deque<AutoCloseable> ends = new ArrayDeque<>();
        try {
            return start(settings, file, ends);
        } catch (UncheckedIOException | StateInUseException e) {
            endAll(ends);
            throw new IOException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            endAll(ends);
            throw e;
        }
    }

    private static Application start(Settings settings, Optional<ConfigReload.Source> file, Deque<AutoCloseable> ends)
            throws IOException {
        int workers = TrafficPlane.workersOf(settings);

        StateStore store = new StateStore(settings.stateFile());
        ends.push(store);
        LoadedState loaded = store.load();
        Switchboard switchboard = new Switchboard(FirstTable.make(settings, loaded, workers));

        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        MicrometerObserver metrics =
                new MicrometerObserver(registry, switchboard::current, workers, ProxyError.labels(), Routed.labels());
        IntFunction<ExchangeObserver> observers = metrics::forWorker;
        List<Runnable> reopenings = new ArrayList<>();
        if (settings.accessLog().enabled()) {
            AccessLog accessLog = new AccessLog(settings.accessLog(), workers);
            ends.push(accessLog);
            accessLog.bindTo(registry);
            reopenings.add(accessLog::reopen);
            observers = worker -> ExchangeObservers.both(metrics.forWorker(worker), accessLog.forWorker(worker));
        }

        for (Colour colour : Colour.values()) {
            Gauge.builder("turnout.requests.pending", switchboard.pending(colour), PendingQueue::size)
                    .description("Requests that wait until a backend can bear one more.")
                    .tag("colour", colour.label())
                    .register(registry);
        }
        Evidence evidence = new Evidence(workers);
        Mirror mirror = new Mirror(Clock.systemUTC());
        ends.push(mirror);
        mirror.bindTo(registry);
        NameDiscovery discovery = new NameDiscovery(settings.dns(), switchboard);
        ends.push(discovery);
        discovery.bindTo(registry);
        TrafficPlane traffic = trafficPlane(settings, switchboard, evidence, mirror, observers);
        reopenings.add(traffic::reloadErrorPages);
        ControlPlane control = new ControlPlane(
                settings,
                switchboard,
                store,
                loaded,
                traffic,
                List.of(metrics),
                evidence,
                mirror,
                discovery,
                Clock.systemUTC());
        ends.push(control);
        Webhooks webhooks = new Webhooks(settings.webhooks(), Clock.systemUTC());
        ends.push(webhooks);
        webhooks.bindTo(registry);
        control.listen(webhooks);
        Optional<ConfigReload> reload =
                file.map(source -> new ConfigReload(source, settings, switchboard, control, Clock.systemUTC()));
        reload.ifPresent(config -> config.bindTo(registry));
        reload.ifPresent(ends::push);
        WarmUps warmUps = new WarmUps(switchboard, traffic);
        warmUps.bindTo(registry);
        AdminServer admin = new AdminServer(settings.admin(), settings, control, reload, warmUps, registry);
        ends.push(admin);
        HealthMonitor health = new HealthMonitor(switchboard, control::healthChanged);
        ends.push(health);
        // First to end: operators and probes can watch the last requests finish.
        ends.push(() -> finish(traffic, admin, settings.timeouts()));

        await(discovery.start(control::found), "name was looked up");
        // What was found is put in force by the control thread; this waits for its turn there.
        await(control.settled(), "name was followed");
        await(health.start(), "backend was probed");
        await(control.settled(), "probe was followed");
        warnIfUnusable(switchboard.current());
        traffic.start();
        admin.start();
        return new Application(traffic, admin, reopenings, reload, ends);
    }

    /** Where clients are served, by the first listener; with the port that the system chose if port 0 was asked for. */
    public InetSocketAddress boundProxy() {
        return traffic.boundAddresses().get(0);
    }

    /** Where clients are served, by every listener in the order of the settings. */
    public List<InetSocketAddress> boundProxies() {
        return traffic.boundAddresses();
    }

    /** Where the admin API listens. */
    public InetSocketAddress boundAdmin() {
        return admin.boundAddress();
    }

    /** Name of the transport in use. */
    public String transport() {
        return traffic.transportName();
    }

    /** Opens the file of the access log again, which may have been moved away, and reads the pages of errors again. */
    public void reopen() {
        reopenings.forEach(Runnable::run);
    }

    /** Reads the configuration file again, if there is one; what came of it is in the log. */
    public void reloadConfig() {
        Actor signal = new Actor("SIGHUP", "");
        reload.ifPresent(config -> {
            var unused = config.reload(new ConfigReload.Order(
                    false,
                    false,
                    change -> new ChangeRequest(
                            change, OptionalLong.empty(), false, false, true, "told by a signal", signal)));
        });
    }

    /** Says on /health/ready that it ends, takes no more clients, finishes what is in flight within its deadline, ends. */
    @Override
    public synchronized void close() {
        endAll(ends);
    }

    private static TrafficPlane trafficPlane(
            Settings settings,
            Switchboard switchboard,
            Evidence evidence,
            Mirror mirror,
            IntFunction<ExchangeObserver> observers)
            throws IOException {
        try {
            return new TrafficPlane(settings, switchboard, evidence, mirror, observers);
        } catch (IllegalStateException e) {
            // The transport asked for does not work on this machine.
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Else only the clients would see it. */
    private static void warnIfUnusable(RoutingTable table) {
        Pool active = table.pool(table.active());
        if (active.usable() == 0 && !active.isInPanic()) {
            log.warn(
                    "{} is active and has {}: clients get 503 until that changes",
                    table.active().label(),
                    active.members().isEmpty() ? "no backends" : "no backend that is up and has a weight");
        }
    }

    private static void finish(TrafficPlane traffic, AdminServer admin, TimeoutSettings timeouts) {
        admin.announceShutdown();
        if (!traffic.shutdown(timeouts.shutdownDelay(), timeouts.shutdown())) {
            log.warn(
                    "requests were still in flight after {} s and were cut off",
                    timeouts.shutdown().toSeconds());
        }
    }

    private static void endAll(Deque<AutoCloseable> ends) {
        while (!ends.isEmpty()) {
            try {
                ends.pop().close();
            } catch (Exception e) {
                // One part that ends badly must not keep the others running.
                log.error("a part did not end as it should", e);
            }
        }
    }

    private static void await(CompletionStage<?> stage, String what) throws IOException {
        try {
            stage.toCompletableFuture().get(FIRST_ROUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("not every {} within {} ms, serving all the same", what, FIRST_ROUND.toMillis());
        } catch (ExecutionException e) {
            log.warn("not every {}", what, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
    }
}
