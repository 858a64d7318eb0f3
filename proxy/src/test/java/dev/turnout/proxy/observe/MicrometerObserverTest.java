package dev.turnout.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.turnout.config.Colour;
import dev.turnout.proxy.observe.ExchangeObserver.Side;
import dev.turnout.proxy.observe.FakeRouting.OneBackend;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MicrometerObserverTest {

    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

    /** The metrics contract: family, type, label names in order of the alphabet. */
    private static final Map<String, String> CONTRACT = Map.ofEntries(
            Map.entry("turnout_requests_total", "counter code_class,colour,source"),
            Map.entry("turnout_request_duration_seconds", "histogram colour"),
            Map.entry("turnout_requests_in_flight", "gauge colour"),
            Map.entry("turnout_active", "gauge colour"),
            Map.entry("turnout_pool_usable", "gauge colour"),
            Map.entry("turnout_pool_panic", "gauge colour"),
            Map.entry("turnout_revision", "gauge "),
            Map.entry("turnout_switches_total", "counter kind,to"),
            Map.entry("turnout_backend_up", "gauge backend,colour"),
            Map.entry("turnout_backend_requests_total", "counter backend,code_class,colour"),
            Map.entry("turnout_backend_in_flight", "gauge backend,colour"),
            Map.entry("turnout_backend_connections", "gauge backend,colour"),
            Map.entry("turnout_backend_ejected", "gauge backend,colour"),
            Map.entry("turnout_backend_ejection_overflows_total", "counter backend,colour"),
            Map.entry("turnout_backend_ejections_total", "counter backend,colour"),
            Map.entry("turnout_backend_failures_total", "counter backend,colour,kind"),
            Map.entry("turnout_connections", "gauge side"),
            Map.entry("turnout_retries_total", "counter colour,reason"),
            Map.entry("turnout_retry_budget_exhausted_total", "counter colour"),
            Map.entry("turnout_routed_requests_total", "counter colour,routed"),
            Map.entry("turnout_drain_ended_total", "counter class"),
            Map.entry("turnout_requests_held", "gauge "),
            Map.entry("turnout_held_requests_total", "counter result"),
            Map.entry("turnout_proxy_errors_total", "counter colour,error"),
            Map.entry("turnout_canary_weight", "gauge "),
            Map.entry("turnout_maintenance", "gauge "),
            Map.entry("turnout_draining", "gauge colour"));

    private final FakeRouting routing = new FakeRouting();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MicrometerObserver observer = new MicrometerObserver(
            registry, () -> routing, 2, List.of("connect-failed", "client-gone"), List.of("normal", "preview"));
    private final FinishedExchange exchange = new FinishedExchange();

    @Test
    void familiesHaveTheNamesTypesAndLabelsOfTheContract() {
        routing.backends.add(new OneBackend(Colour.GREEN, 9201));

        Map<String, String> families = new TreeMap<>();
        for (String line : registry.scrape().lines().toList()) {
            Matcher type = TYPE.matcher(line);
            if (type.matches() && type.group(1).startsWith("turnout_")) {
                families.put(type.group(1), type.group(2) + " ");
            }
        }
        samples().keySet().stream().filter(key -> key.startsWith("turnout_")).forEach(key -> {
            String name = key.replaceFirst("\\{.*", "").replaceFirst("_(bucket|sum|count)$", "");
            String labels = LABEL.matcher(key)
                    .results()
                    .map(found -> found.group(1))
                    .filter(label -> !label.equals("le"))
                    .sorted()
                    .collect(Collectors.joining(","));
            families.merge(name, labels, (type, seen) -> type.endsWith(seen) ? type : type + seen);
        });

        assertThat(families).isEqualTo(new TreeMap<>(CONTRACT));
    }

    @Test
    void everyFamilyHasAHelpText() {
        String scrape = registry.scrape();

        for (String line : scrape.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            if (type.matches()) {
                assertThat(scrape).contains("# HELP " + type.group(1) + " ");
            }
        }
    }

    @Test
    void firstScrapeHoldsTheJvmTheProcessAndTheAllocator() {
        assertThat(registry.scrape())
                .contains("jvm_memory_used_bytes{", "jvm_threads_live_threads ", "process_cpu_seconds_total ")
                .contains("netty_allocator_memory_used_bytes{memory_type=\"direct\"}");
    }

    @Test
    void answersCountByColourClassAndSource() {
        exchange.status = 503;
        exchange.proxyMade = true;
        exchange.error = "connect-failed";
        observer.forWorker(0).finished(exchange);
        exchange.status = 204;
        exchange.proxyMade = false;
        exchange.error = null;
        observer.forWorker(1).finished(exchange);
        exchange.colour = null;
        observer.forWorker(1).finished(exchange);

        assertThat(samples())
                .containsEntry("turnout_requests_total{code_class=\"5xx\",colour=\"blue\",source=\"proxy\"}", 1.0)
                .containsEntry("turnout_requests_total{code_class=\"2xx\",colour=\"blue\",source=\"backend\"}", 1.0)
                .containsEntry("turnout_requests_total{code_class=\"2xx\",colour=\"none\",source=\"backend\"}", 1.0)
                .containsEntry("turnout_proxy_errors_total{colour=\"blue\",error=\"connect-failed\"}", 1.0)
                .containsEntry("turnout_proxy_errors_total{colour=\"blue\",error=\"client-gone\"}", 0.0);
    }

    @Test
    void clientThatLeftBeforeAStatusCountsAsItsOwnFault() {
        exchange.status = 0;
        exchange.error = "client-gone";

        observer.forWorker(0).finished(exchange);

        assertThat(samples())
                .containsEntry("turnout_requests_total{code_class=\"4xx\",colour=\"blue\",source=\"proxy\"}", 1.0);
    }

    @Test
    void errorOutsideTheClosedSetCountsAsOther() {
        assertThat(registry.scrape()).doesNotContain("other");

        exchange.error = "something\"new";
        observer.forWorker(0).finished(exchange);
        observer.forWorker(0).retried(Colour.GREEN, "connect-failed");

        assertThat(samples())
                .containsEntry("turnout_proxy_errors_total{colour=\"blue\",error=\"other\"}", 1.0)
                .containsEntry("turnout_retries_total{colour=\"green\",reason=\"connect-failed\"}", 1.0);
    }

    @Test
    void durationAtABoundFallsIntoTheBucketOfThatBound() {
        exchange.durationNanos = 1_000_000;
        observer.forWorker(0).finished(exchange);
        exchange.durationNanos = 1_000_001;
        observer.forWorker(0).finished(exchange);
        exchange.durationNanos = TimeUnit.MINUTES.toNanos(2);
        observer.forWorker(1).finished(exchange);

        assertThat(samples())
                .containsEntry("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"5.0E-4\"}", 0.0)
                .containsEntry("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"0.001\"}", 1.0)
                .containsEntry("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"0.002\"}", 2.0)
                .containsEntry("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"60.0\"}", 2.0)
                .containsEntry("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"+Inf\"}", 3.0)
                .containsEntry("turnout_request_duration_seconds_count{colour=\"blue\"}", 3.0)
                .containsEntry("turnout_request_duration_seconds_sum{colour=\"blue\"}", 120.002000001);
    }

    @Test
    void gaugesFollowTheTableInForce() {
        OneBackend backend = new OneBackend(Colour.GREEN, 9201);
        routing.backends.add(backend);
        routing.active = Colour.GREEN;
        backend.inFlight = 2;
        observer.forWorker(0).started();
        observer.forWorker(0).started();
        observer.forWorker(1).started();
        observer.switched(Colour.GREEN, "rollback");
        Map<String, Double> with = samples();

        routing.backends.clear();
        Map<String, Double> without = samples();

        assertThat(with)
                .containsEntry("turnout_active{colour=\"green\"}", 1.0)
                .containsEntry("turnout_active{colour=\"blue\"}", 0.0)
                .containsEntry("turnout_revision", 42.0)
                .containsEntry("turnout_draining{colour=\"blue\"}", 1.0)
                .containsEntry("turnout_switches_total{kind=\"rollback\",to=\"green\"}", 1.0)
                .containsEntry("turnout_requests_in_flight{colour=\"green\"}", 2.0)
                .containsEntry("turnout_requests_in_flight{colour=\"none\"}", 1.0)
                .containsEntry("turnout_backend_up{backend=\"127.0.0.1:9201\",colour=\"green\"}", 1.0)
                .containsEntry(
                        "turnout_backend_requests_total{backend=\"127.0.0.1:9201\",code_class=\"2xx\",colour=\"green\"}",
                        2.0);
        assertThat(without.keySet()).noneMatch(key -> key.contains("9201"));
    }

    @Test
    void connectionsGoUpAndDown() {
        ExchangeObserver worker = observer.forWorker(0);
        worker.connectionOpened(Side.CLIENT);
        worker.connectionOpened(Side.CLIENT);
        worker.connectionOpened(Side.BACKEND);
        worker.connectionClosed(Side.CLIENT);

        assertThat(samples())
                .containsEntry("turnout_connections{side=\"client\"}", 1.0)
                .containsEntry("turnout_connections{side=\"backend\"}", 1.0);
    }

    @Test
    void scrapesDuringTrafficNeverGoBackAndEndExact() throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicLong finished = new AtomicLong();
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < 2; worker++) {
            ExchangeObserver own = observer.forWorker(worker);
            workers.add(new Thread(() -> {
                while (running.get()) {
                    own.started();
                    own.finished(exchange);
                    finished.incrementAndGet();
                }
            }));
        }

        workers.forEach(Thread::start);
        double before = 0;
        for (int scrape = 0; scrape < 50; scrape++) {
            Map<String, Double> seen = samples();
            double count = seen.get("turnout_request_duration_seconds_count{colour=\"blue\"}");
            assertThat(count).isGreaterThanOrEqualTo(before);
            assertThat(seen.get("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"+Inf\"}"))
                    .isEqualTo(count);
            before = count;
        }
        running.set(false);
        for (Thread worker : workers) {
            worker.join();
        }

        assertThat(samples())
                .containsEntry(
                        "turnout_requests_total{code_class=\"2xx\",colour=\"blue\",source=\"backend\"}",
                        finished.doubleValue())
                .containsEntry("turnout_requests_in_flight{colour=\"none\"}", 0.0);
    }

    @Test
    void requestPathAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        ExchangeObserver worker = observer.forWorker(0);
        exchange.error = "connect-failed";
        work(worker, 1_000);
        threads.getThreadAllocatedBytes(self);

        long before = threads.getThreadAllocatedBytes(self);
        work(worker, 100_000);
        long allocated = threads.getThreadAllocatedBytes(self) - before;

        assertThat(allocated).isZero();
    }

    private void work(ExchangeObserver worker, int times) {
        for (int i = 0; i < times; i++) {
            worker.started();
            worker.retried(Colour.BLUE, "connect-failed");
            exchange.durationNanos = 1_000L * i;
            worker.finished(exchange);
        }
    }

    private Map<String, Double> samples() {
        return Samples.of(registry.scrape());
    }
}
