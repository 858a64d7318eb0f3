package dev.turnout.proxy.observe;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.lang.management.ManagementFactory;
import java.util.function.ToLongFunction;

/**
 * Thread-safe: one lock, taken by scrapes alone. The metrics of the JVM, the process and Netty's allocator. Micrometer's
 * binders load the management classes, which takes 150 to 250 ms in a cold JVM; so they wait for the first scrape, in a
 * registry of their own, as a registry that is being read is a bad moment to add to it.
 */
final class RuntimeCollector implements MultiCollector {

    /** Two of Micrometer's names that promtool objects to: a unit in nanoseconds and a gauge that ends in count. */
    private static final String[] UNWANTED = {"process.cpu.time", "system.cpu.count"};

    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private boolean bound;

    @Override
    public synchronized MetricSnapshots collect() {
        if (!bound) {
            bound = true;
            bind();
        }
        return metrics.scrape();
    }

    private void bind() {
        MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, metrics, Clock.SYSTEM);
        for (String name : UNWANTED) {
            registry.config().meterFilter(MeterFilter.denyNameStartsWith(name));
        }
        new JvmMemoryMetrics().bindTo(registry);
        // Never closed: it listens to the collector as long as the process lives.
        new JvmGcMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        bindProcessorTime(registry);
        // Not Micrometer's NettyAllocatorMetrics: it has no help texts, and a label that differs at every start.
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider) {
            bindAllocator(registry, provider.metric());
        }
    }

    private static void bindProcessorTime(MeterRegistry registry) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, bean -> bean.getProcessCpuTime() / 1e9)
                    .baseUnit("seconds")
                    .description("Processor time of the process, all threads and both modes together.")
                    .register(registry);
        }
    }

    private static void bindAllocator(MeterRegistry registry, ByteBufAllocatorMetric metric) {
        bindMemory(registry, metric, "direct", ByteBufAllocatorMetric::usedDirectMemory);
        bindMemory(registry, metric, "heap", ByteBufAllocatorMetric::usedHeapMemory);
    }

    private static void bindMemory(
            MeterRegistry registry,
            ByteBufAllocatorMetric metric,
            String type,
            ToLongFunction<ByteBufAllocatorMetric> bytes) {
        Gauge.builder("netty.allocator.memory.used", metric, m -> (double) bytes.applyAsLong(m))
                .tag("memory_type", type)
                .baseUnit("bytes")
                .description("Memory that Netty's default allocator holds, in use or kept for reuse.")
                .register(registry);
    }
}
