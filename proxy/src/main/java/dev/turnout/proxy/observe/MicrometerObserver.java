package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.function.Supplier;

/**
 * Thread-safe: every worker counts in a stripe of its own, the scrape adds the stripes up. Counts what event loops and the
 * control thread report and shows it in a registry under the names of the metrics contract. Nothing on the request path
 * goes through Micrometer: its counters are shared between threads and its labels are looked up.
 */
public final class MicrometerObserver implements ControlObserver {

    /** Label values of {@code kind} of a switch. */
    static final ClosedLabels SWITCH_KINDS = new ClosedLabels(List.of("switch", "rollback", "auto-rollback"));

    private static final String PREVIEW = "preview";

    private final TrafficCells cells;
    /** One stripe: the control thread alone writes it. */
    private final StripedCounters switches = new StripedCounters(1, Colour.values().length * SWITCH_KINDS.size());

    /**
     * Registers Turnout's own metrics and those of the JVM, the process and Netty's default allocator.
     *
     * @param routing the table in force; asked once at each scrape, so that a backend's series go with the backend
     * @param workers event loops
     * @param errorNames all that {@link ExchangeView#error} and the reason of a retry may be; anything else is counted as
     *     {@code other}
     * @param routedNames all that {@link ExchangeView#routed} may be
     */
    public MicrometerObserver(
            PrometheusMeterRegistry registry,
            Supplier<? extends RoutingView> routing,
            int workers,
            List<String> errorNames,
            List<String> routedNames) {
        this.cells = new TrafficCells(workers, new ClosedLabels(errorNames), new ClosedLabels(routedNames));
        PrometheusRegistry shown = registry.getPrometheusRegistry();
        shown.register(new TrafficCollector(cells, switches, routing));
        shown.register(new RuntimeCollector());
    }

    /** The observer of one event loop; to be called from that loop alone. */
    public ExchangeObserver forWorker(int worker) {
        return new WorkerObserver(cells, worker);
    }

    @Override
    public void switched(Colour to, String kind) {
        switches.increment(0, switchCell(to, SWITCH_KINDS.indexOf(kind)));
    }

    static int switchCell(Colour to, int kind) {
        return TrafficCells.colourIndex(to) * SWITCH_KINDS.size() + kind;
    }

    /** Confined to one event loop. */
    private static final class WorkerObserver implements ExchangeObserver {

        private final TrafficCells cells;
        private final int worker;

        WorkerObserver(TrafficCells cells, int worker) {
            this.cells = cells;
            this.worker = worker;
        }

        @Override
        public void started() {
            cells.increment(worker, cells.started());
        }

        @Override
        public void finished(ExchangeView exchange) {
            int colour = TrafficCells.colourIndex(exchange.colour());
            cells.increment(worker, cells.routed(colour, cells.routed().indexOf(exchange.routed())));
            if (exchange.routed().equals(PREVIEW)) {
                // An operator's look is none of the users' requests.
                cells.increment(worker, cells.finished());
                return;
            }
            int status = exchange.status();
            int codeClass = status / 100;
            int source = exchange.isProxyMade() ? TrafficCells.PROXY : 0;
            if (codeClass < 1 || codeClass > BackendView.CODE_CLASSES) {
                // The client left before it got a status: its own doing, as nginx says with 499, and not the backend's.
                codeClass = 4;
                source = TrafficCells.PROXY;
            }
            long nanos = Math.max(0, exchange.durationNanos());
            cells.increment(worker, cells.requests(colour, source, codeClass));
            cells.increment(worker, cells.duration(colour, LatencyBuckets.indexOf(nanos)));
            cells.add(worker, cells.durationSum(colour), nanos);
            String error = exchange.error();
            if (error != null) {
                int index = cells.errors().indexOf(error);
                cells.increment(worker, cells.failures(colour, index));
            }
            cells.increment(worker, cells.finished());
        }

        @Override
        public void retried(Colour colour, String reason) {
            int index = cells.reasons().indexOf(reason);
            cells.increment(worker, cells.retries(TrafficCells.colourIndex(colour), index));
        }

        @Override
        public void retryRefused(Colour colour) {
            cells.increment(worker, cells.retriesRefused(TrafficCells.colourIndex(colour)));
        }

        @Override
        public void held() {
            cells.add(worker, cells.held(), 1);
        }

        @Override
        public void holdEnded(HoldEnd end) {
            cells.add(worker, cells.held(), -1);
            cells.increment(worker, cells.holdEnded(end));
        }

        @Override
        public void endedByDrain(String kind) {
            cells.increment(worker, cells.endedByDrain(TrafficCells.LONG_LIVED.indexOf(kind)));
        }

        @Override
        public void connectionOpened(Side side) {
            cells.add(worker, cells.connections(side), 1);
        }

        @Override
        public void connectionClosed(Side side) {
            cells.add(worker, cells.connections(side), -1);
        }
    }
}
