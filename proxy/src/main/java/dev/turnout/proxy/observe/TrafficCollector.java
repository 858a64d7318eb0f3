package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;
import dev.turnout.proxy.observe.ExchangeObserver.HoldEnd;
import dev.turnout.proxy.observe.ExchangeObserver.Side;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Thread-safe: reads only. Turnout's own metrics at the moment of a scrape. Families are made anew each time from the
 * cells and the routing table in force, so there is no series to register, to look up or to forget.
 */
final class TrafficCollector implements MultiCollector {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double[] UPPER_BOUNDS = LatencyBuckets.upperBounds();

    private final TrafficCells cells;
    private final StripedCounters switches;
    private final Supplier<? extends RoutingView> routing;

    TrafficCollector(TrafficCells cells, StripedCounters switches, Supplier<? extends RoutingView> routing) {
        this.cells = cells;
        this.switches = switches;
        this.routing = routing;
    }

    @Override
    public MetricSnapshots collect() {
        RoutingView table = routing.get();
        List<? extends BackendView> backends = table.backends();
        return MetricSnapshots.builder()
                .metricSnapshot(requests())
                .metricSnapshot(durations())
                .metricSnapshot(routed())
                .metricSnapshot(inFlight(backends))
                .metricSnapshot(byColour(
                        "turnout_active",
                        "1 for the colour with normal traffic.",
                        colour -> colour == table.active() ? 1 : 0))
                .metricSnapshot(gauge("turnout_revision", "Number of the routing table in force.")
                        .dataPoint(point(table.revision(), Labels.EMPTY))
                        .build())
                .metricSnapshot(switches())
                .metricSnapshot(byColour(
                        "turnout_pool_usable", "Backends of a pool that get requests, or would.", table::usable))
                .metricSnapshot(byColour(
                        "turnout_pool_panic",
                        "1 while so few backends of a pool are usable that all are used.",
                        colour -> table.isInPanic(colour) ? 1 : 0))
                .metricSnapshot(backendUp(backends))
                .metricSnapshot(backendRequests(backends))
                .metricSnapshot(backendInFlight(backends))
                .metricSnapshot(backendConnections(backends))
                .metricSnapshot(backendEjected(backends))
                .metricSnapshot(backendEjections(backends))
                .metricSnapshot(backendEjectionOverflows(backends))
                .metricSnapshot(backendFailures(backends))
                .metricSnapshot(connections())
                .metricSnapshot(retries())
                .metricSnapshot(retriesRefused())
                .metricSnapshot(proxyErrors())
                .metricSnapshot(gauge(
                                "turnout_canary_weight",
                                "Share of requests that the new colour of a release gets, 0 to 1.")
                        .dataPoint(GaugeDataPointSnapshot.builder()
                                .value(table.canaryShare())
                                .build())
                        .build())
                .metricSnapshot(gauge("turnout_maintenance", "1 while all requests are answered with 503 by order.")
                        .dataPoint(point(table.maintenance() ? 1 : 0, Labels.EMPTY))
                        .build())
                .metricSnapshot(byColour(
                        "turnout_draining",
                        "1 while a pool takes no new requests and has some in flight.",
                        colour -> table.isDraining(colour) ? 1 : 0))
                .metricSnapshot(endedByDrain())
                .metricSnapshot(gauge("turnout_requests_held", "Requests that wait for the end of a hold.")
                        .dataPoint(point(Math.max(0, cells.sum(cells.held())), Labels.EMPTY))
                        .build())
                .metricSnapshot(holdsEnded())
                .build();
    }

    private CounterSnapshot requests() {
        var family = counter(
                "turnout_requests", "Requests answered, by the colour they were routed to and by who made the answer.");
        for (int colour = 0; colour < TrafficCells.COLOURS.size(); colour++) {
            for (int source = 0; source < TrafficCells.SOURCES.size(); source++) {
                for (int codeClass = 1; codeClass <= BackendView.CODE_CLASSES; codeClass++) {
                    Labels labels = Labels.of(
                            "colour", TrafficCells.COLOURS.get(colour),
                            "code_class", codeClass + "xx",
                            "source", TrafficCells.SOURCES.get(source));
                    family.dataPoint(count(cells.sum(cells.requests(colour, source, codeClass)), labels));
                }
            }
        }
        return family.build();
    }

    private CounterSnapshot routed() {
        var family = counter("turnout_routed_requests", "Requests by why they went to their colour.");
        for (int colour = 0; colour < TrafficCells.COLOURS.size(); colour++) {
            for (int routed = 0; routed < cells.routed().size(); routed++) {
                long value = cells.sum(cells.routed(colour, routed));
                addByLabel(family, "routed", cells.routed(), colour, routed, value);
            }
        }
        return family.build();
    }

    private HistogramSnapshot durations() {
        var family = HistogramSnapshot.builder()
                .name("turnout_request_duration_seconds")
                .help("From the first byte of a request to the last byte of its answer.");
        for (int colour = 0; colour < TrafficCells.COLOURS.size(); colour++) {
            long[] counts = new long[LatencyBuckets.COUNT];
            for (int bucket = 0; bucket < counts.length; bucket++) {
                counts[bucket] = cells.sum(cells.duration(colour, bucket));
            }
            family.dataPoint(HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(UPPER_BOUNDS, counts))
                    .sum(cells.sum(cells.durationSum(colour)) / NANOS_PER_SECOND)
                    .labels(Labels.of("colour", TrafficCells.COLOURS.get(colour)))
                    .build());
        }
        return family.build();
    }

    private GaugeSnapshot inFlight(List<? extends BackendView> backends) {
        var family = gauge("turnout_requests_in_flight", "Requests under way; none are those that hold no backend.");
        long elsewhere = cells.sum(cells.started()) - cells.sum(cells.finished());
        for (Colour colour : Colour.values()) {
            long held = backends.stream()
                    .filter(backend -> backend.colour() == colour)
                    .mapToLong(BackendView::inFlight)
                    .sum();
            elsewhere -= held;
            family.dataPoint(point(held, Labels.of("colour", colour.label())));
        }
        // The cells are not read at one instant; a small negative would be nothing but that.
        return family.dataPoint(point(Math.max(0, elsewhere), Labels.of("colour", "none")))
                .build();
    }

    private static GaugeSnapshot byColour(String name, String help, ToLongFunction<Colour> value) {
        var family = gauge(name, help);
        for (Colour colour : Colour.values()) {
            family.dataPoint(point(value.applyAsLong(colour), Labels.of("colour", colour.label())));
        }
        return family.build();
    }

    private CounterSnapshot switches() {
        var family = counter("turnout_switches", "Times the active colour changed, by where to and why.");
        ClosedLabels kinds = MicrometerObserver.SWITCH_KINDS;
        for (Colour to : Colour.values()) {
            for (int kind = 0; kind < kinds.size(); kind++) {
                long value = switches.sum(MicrometerObserver.switchCell(to, kind));
                if (isShown(kinds, kind, value)) {
                    family.dataPoint(count(value, Labels.of("to", to.label(), "kind", kinds.value(kind))));
                }
            }
        }
        return family.build();
    }

    private static GaugeSnapshot backendUp(List<? extends BackendView> backends) {
        var family = gauge("turnout_backend_up", "1 if the backend may be chosen as far as its health goes.");
        backends.forEach(backend -> family.dataPoint(point(backend.isUp() ? 1 : 0, labels(backend))));
        return family.build();
    }

    private static CounterSnapshot backendRequests(List<? extends BackendView> backends) {
        var family = counter("turnout_backend_requests", "Answers of a backend.");
        for (BackendView backend : backends) {
            for (int codeClass = 1; codeClass <= BackendView.CODE_CLASSES; codeClass++) {
                Labels labels = labels(backend).add("code_class", codeClass + "xx");
                family.dataPoint(count(backend.responses(codeClass), labels));
            }
        }
        return family.build();
    }

    private static GaugeSnapshot backendInFlight(List<? extends BackendView> backends) {
        var family = gauge("turnout_backend_in_flight", "Exchanges and tunnels under way at a backend.");
        backends.forEach(backend -> family.dataPoint(point(backend.inFlight(), labels(backend))));
        return family.build();
    }

    private static GaugeSnapshot backendConnections(List<? extends BackendView> backends) {
        var family = gauge("turnout_backend_connections", "Connections open to a backend, idle ones among them.");
        backends.forEach(backend -> family.dataPoint(point(backend.connections(), labels(backend))));
        return family.build();
    }

    private static GaugeSnapshot backendEjected(List<? extends BackendView> backends) {
        var family = gauge("turnout_backend_ejected", "1 while traffic keeps away from it because of its failures.");
        backends.forEach(backend -> family.dataPoint(point(backend.isEjected() ? 1 : 0, labels(backend))));
        return family.build();
    }

    private static CounterSnapshot backendEjections(List<? extends BackendView> backends) {
        var family = counter("turnout_backend_ejections", "Times a backend was ejected because of its failures.");
        backends.forEach(backend -> family.dataPoint(count(backend.ejections(), labels(backend))));
        return family.build();
    }

    private static CounterSnapshot backendEjectionOverflows(List<? extends BackendView> backends) {
        var family = counter(
                "turnout_backend_ejection_overflows",
                "Times a backend was not ejected because too many of its pool were already.");
        backends.forEach(backend -> family.dataPoint(count(backend.ejectionOverflows(), labels(backend))));
        return family.build();
    }

    private static CounterSnapshot backendFailures(List<? extends BackendView> backends) {
        var family = counter("turnout_backend_failures", "Failures of a backend that Turnout saw itself, by kind.");
        for (BackendView backend : backends) {
            for (int kind = 0; kind < BackendView.LOCAL_FAILURES.size(); kind++) {
                Labels labels = labels(backend).add("kind", BackendView.LOCAL_FAILURES.get(kind));
                family.dataPoint(count(backend.localFailures(kind), labels));
            }
        }
        return family.build();
    }

    private GaugeSnapshot connections() {
        var family = gauge("turnout_connections", "Connections open.");
        for (Side side : Side.values()) {
            Labels labels = Labels.of("side", side.name().toLowerCase(Locale.ROOT));
            family.dataPoint(point(cells.sum(cells.connections(side)), labels));
        }
        return family.build();
    }

    private CounterSnapshot retries() {
        var family = counter("turnout_retries", "Further attempts, by why the one before failed.");
        for (int colour = 0; colour < TrafficCells.COLOURS.size(); colour++) {
            for (int reason = 0; reason < cells.reasons().size(); reason++) {
                long value = cells.sum(cells.retries(colour, reason));
                addByLabel(family, "reason", cells.reasons(), colour, reason, value);
            }
        }
        return family.build();
    }

    private CounterSnapshot proxyErrors() {
        var family = counter("turnout_proxy_errors", "Exchanges that failed, by what went wrong.");
        for (int colour = 0; colour < TrafficCells.COLOURS.size(); colour++) {
            for (int error = 0; error < cells.errors().size(); error++) {
                long value = cells.sum(cells.failures(colour, error));
                addByLabel(family, "error", cells.errors(), colour, error, value);
            }
        }
        return family.build();
    }

    private static void addByLabel(
            CounterSnapshot.Builder family, String label, ClosedLabels values, int colour, int index, long value) {
        if (isShown(values, index, value)) {
            String name = values.value(index);
            family.dataPoint(count(value, Labels.of("colour", TrafficCells.COLOURS.get(colour), label, name)));
        }
    }

    private CounterSnapshot retriesRefused() {
        var family = counter("turnout_retry_budget_exhausted", "Further attempts that the retry budget did not allow.");
        for (int colour = 0; colour < TrafficCells.COLOURS.size(); colour++) {
            Labels labels = Labels.of("colour", TrafficCells.COLOURS.get(colour));
            family.dataPoint(count(cells.sum(cells.retriesRefused(colour)), labels));
        }
        return family.build();
    }

    private CounterSnapshot holdsEnded() {
        var family = counter("turnout_held_requests", "Requests that waited for the end of a hold, by how it ended.");
        for (HoldEnd end : HoldEnd.values()) {
            Labels labels = Labels.of("result", end.name().toLowerCase(Locale.ROOT));
            family.dataPoint(count(cells.sum(cells.holdEnded(end)), labels));
        }
        return family.build();
    }

    private CounterSnapshot endedByDrain() {
        var family = counter("turnout_drain_ended", "WebSockets, tunnels and event streams told to end by a drain.");
        for (int kind = 0; kind < TrafficCells.LONG_LIVED.size(); kind++) {
            Labels labels = Labels.of("class", TrafficCells.LONG_LIVED.get(kind));
            family.dataPoint(count(cells.sum(cells.endedByDrain(kind)), labels));
        }
        return family.build();
    }

    /** Every value of a closed set is shown from the start, as a rate needs the zero; {@code other} only once it counts. */
    private static boolean isShown(ClosedLabels labels, int index, long value) {
        return value != 0 || !labels.value(index).equals(ClosedLabels.OTHER);
    }

    private static Labels labels(BackendView backend) {
        return Labels.of(
                "colour", backend.colour().label(), "backend", backend.address().toString());
    }

    /** A family whose name gets {@code _total} when it is written. */
    private static CounterSnapshot.Builder counter(String name, String help) {
        return CounterSnapshot.builder().name(name).help(help);
    }

    private static CounterDataPointSnapshot count(long value, Labels labels) {
        return CounterDataPointSnapshot.builder()
                .value((double) value)
                .labels(labels)
                .build();
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static GaugeDataPointSnapshot point(long value, Labels labels) {
        return GaugeDataPointSnapshot.builder()
                .value((double) value)
                .labels(labels)
                .build();
    }
}
