package dev.turnout.proxy.mirror;

import dev.turnout.proxy.mirror.MirrorReport.Example;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.RoutingTable;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe. Counts the copies under way, so that there are never too many, and compares their answers on a thread of its own:
 * event loops only gather what is compared. A place is held until a pair is compared, which bounds what waits for that thread.
 */
public final class Mirror implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Mirror.class);

    private static final int LONGEST_PATH = 200;
    private static final int MOST_SEGMENTS = 6;

    private final Clock clock;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder same = new LongAdder();
    private final LongAdder different = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread made = new Thread(task, "turnout-mirror");
                made.setDaemon(true);
                return made;
            });

    /** Of the last order there was. Written by the control thread. */
    private volatile @Nullable Findings findings;

    public Mirror(Clock clock) {
        this.clock = clock;
        thread.allowCoreThreadTimeOut(true);
    }

    /** Takes up the order of the table in force. Control thread only. */
    public void follow(RoutingTable table) {
        MirrorOrder order = table.mirror();
        Findings known = findings;
        if (order != null && (known == null || known.order().revision() != order.revision())) {
            findings = new Findings(order, table.active().other());
        }
    }

    /** What the last order has found, whether it still stands or not; empty if there was none since the start. */
    public Optional<MirrorReport> report() {
        return Optional.ofNullable(findings).map(Findings::report);
    }

    /** What requests became, for Prometheus. */
    public void bindTo(MeterRegistry registry) {
        counter(registry, "same", same);
        counter(registry, "different", different);
        counter(registry, "failed", failed);
        counter(registry, "skipped", skipped);
    }

    private static void counter(MeterRegistry registry, String result, LongAdder count) {
        FunctionCounter.builder("turnout.mirror.requests", count, LongAdder::sum)
                .description("Requests copied to the idle colour, by how its answer compared.")
                .tag("result", result)
                .register(registry);
    }

    /** Whether there is room for another copy, which is taken: one of the calls below gives it back. */
    public boolean enter(MirrorOrder order) {
        if (inFlight.incrementAndGet() <= order.maxInFlight()) {
            return true;
        }
        skip(order);
        return false;
    }

    /** A copy came to nothing without anybody's fault. */
    public void skip(MirrorOrder order) {
        inFlight.decrementAndGet();
        skipped.increment();
        Findings to = of(order);
        if (to != null) {
            to.skipped();
        }
    }

    /** A copy had no whole answer. */
    public void fail(MirrorOrder order, String method, String path, String requestId, String why) {
        inFlight.decrementAndGet();
        failed.increment();
        Findings to = of(order);
        if (to != null) {
            to.failed(routeOf(method, path), example(requestId, path, List.of("no whole answer: " + why)));
        }
    }

    /** Both have answered; neither answer may be touched any more. */
    public void compare(
            MirrorOrder order,
            String method,
            String path,
            String requestId,
            MirroredAnswer active,
            MirroredAnswer copy) {
        try {
            thread.execute(() -> {
                try {
                    compared(order, method, path, requestId, active, copy);
                } catch (RuntimeException | Error e) {
                    log.error("answers could not be compared", e);
                    skipped.increment();
                } finally {
                    inFlight.decrementAndGet();
                }
            });
        } catch (RejectedExecutionException e) {
            skip(order);
        }
    }

    private void compared(
            MirrorOrder order,
            String method,
            String path,
            String requestId,
            MirroredAnswer active,
            MirroredAnswer copy) {
        Comparison found = Comparison.of(order, active, copy);
        (found.isSame() ? same : different).increment();
        Findings to = of(order);
        if (to != null) {
            to.compared(
                    routeOf(method, path),
                    found,
                    example(requestId, path, found.told()),
                    active.headNanos(),
                    copy.headNanos());
        }
    }

    private Example example(String requestId, String path, List<String> differences) {
        String shown = path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) + "..." : path;
        return new Example(clock.instant(), requestId, shown, differences);
    }

    /** Null if another order has come since. */
    private @Nullable Findings of(MirrorOrder order) {
        Findings known = findings;
        return known != null && known.order().revision() == order.revision() ? known : null;
    }

    /** Method and path; a segment with a digit is mostly somebody's number. */
    static String routeOf(String method, String path) {
        StringBuilder route = new StringBuilder(method).append(' ');
        int segments = 0;
        for (int at = 0; at < path.length() && segments < MOST_SEGMENTS; segments++) {
            int end = path.indexOf('/', at + 1);
            String segment = path.substring(at, end < 0 ? path.length() : end);
            route.append(segment.chars().anyMatch(Character::isDigit) ? "/*" : segment);
            at += segment.length();
        }
        return route.length() > LONGEST_PATH ? route.substring(0, LONGEST_PATH) : route.toString();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
