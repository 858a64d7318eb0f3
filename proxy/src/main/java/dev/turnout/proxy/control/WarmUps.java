package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.config.WarmUpSettings;
import dev.turnout.config.WarmUpSettings.OnFailure;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Switchboard;
import dev.turnout.proxy.routing.WarmUpOrder;
import dev.turnout.proxy.routing.WarmUpReport;
import dev.turnout.proxy.routing.Warmer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe, without a lock. Has pools made ready before they get traffic, one warm-up of a pool at a time. A warm-up is no
 * change: the control thread knows nothing of it, and commands go on meanwhile.
 */
public final class WarmUps {

    private static final Logger log = LoggerFactory.getLogger(WarmUps.class);

    /** What an event loop has beyond twice the timeout before it is not waited for any longer. */
    private static final long BEYOND_NANOS = 2_000_000_000L;

    /** Thread-safe. What is known of the warm-ups of one colour. */
    private static final class Account {
        private final AtomicReference<@Nullable Running> running = new AtomicReference<>();
        private final LongAdder good = new LongAdder();
        private final LongAdder failed = new LongAdder();
    }

    /** Thread-safe. A warm-up under way. */
    private record Running(WarmUpOrder order, CompletableFuture<WarmUpReport> report) {
        private Running {
            Objects.requireNonNull(order);
            Objects.requireNonNull(report);
        }
    }

    private final Switchboard switchboard;
    private final Warmer warmer;
    private final Map<Colour, Account> accounts = new EnumMap<>(Colour.class);

    public WarmUps(Switchboard switchboard, Warmer warmer) {
        this.switchboard = switchboard;
        this.warmer = warmer;
        for (Colour colour : Colour.values()) {
            accounts.put(colour, new Account());
        }
    }

    /** What {@link #warmUp} would do at this moment. */
    public WarmUpPlan plan(Colour colour) {
        WarmUpOrder order = order(colour);
        WarmUpSettings settings = order.settings();
        return new WarmUpPlan(
                order.backends().size(),
                order.connections(warmer.eventLoops()),
                order.requests(),
                settings.isAny(),
                settings.onFailure() == OnFailure.REFUSE);
    }

    /**
     * Warms what is usable of a pool, whether it has traffic, is idle or drained. If that is under way already, its result is the
     * result; if another one is, for other backends or settings, this one begins after it.
     *
     * @return completes on any thread; fails with {@link ChangeRefused} if the process ends
     */
    public CompletionStage<WarmUpReport> warmUp(Colour colour) {
        WarmUpOrder order = order(colour);
        AtomicReference<@Nullable Running> place = account(colour).running;
        Running mine = new Running(order, new CompletableFuture<>());
        while (true) {
            Running other = place.get();
            if (other != null) {
                return other.order().equals(order)
                        ? other.report().copy()
                        : other.report().handle((report, failure) -> 0).thenCompose(over -> warmUp(colour));
            }
            if (place.compareAndSet(null, mine)) {
                begin(mine);
                return mine.report().copy();
            }
        }
    }

    private void begin(Running mine) {
        WarmUpOrder order = mine.order();
        long most = 2 * order.settings().timeout().toNanos() + BEYOND_NANOS;
        try {
            var unused = warmer.warmUp(order)
                    .toCompletableFuture()
                    .completeOnTimeout(lost(order, most), most, TimeUnit.NANOSECONDS)
                    .whenComplete((report, failure) -> end(mine, report, failure));
        } catch (RejectedExecutionException e) {
            end(mine, null, e);
        }
    }

    private void end(Running mine, @Nullable WarmUpReport report, @Nullable Throwable failure) {
        Account account = account(mine.order().colour());
        // First of all: who is told may begin the next one.
        account.running.set(null);
        if (report == null) {
            boolean ending = failure instanceof RejectedExecutionException
                    || (failure != null && failure.getCause() instanceof RejectedExecutionException);
            if (!ending) {
                log.error("{} could not be warmed up", mine.order().colour().label(), failure);
            }
            mine.report().completeExceptionally(ending ? shuttingDown() : Objects.requireNonNull(failure));
            return;
        }
        account.good.add(report.requests() - report.failedRequests());
        account.failed.add(report.failedRequests());
        tell(mine.order().colour(), report);
        mine.report().complete(report);
    }

    private static void tell(Colour colour, WarmUpReport report) {
        String words = colour.label() + " was warmed up: " + report.backends() + " backends, "
                + report.connections() + " connections, " + report.requests() + " requests, "
                + report.failed() + " failed, " + TimeUnit.NANOSECONDS.toMillis(report.tookNanos()) + " ms";
        if (report.failed() == 0) {
            log.info("{}", words);
        } else {
            log.warn("{}; {}", words, String.join("; ", report.failures()));
        }
    }

    /** Requests sent, for Prometheus. */
    public void bindTo(MeterRegistry registry) {
        accounts.forEach((colour, account) -> {
            counter(registry, colour, "ok", account.good);
            counter(registry, colour, "failed", account.failed);
        });
    }

    private static void counter(MeterRegistry registry, Colour colour, String result, LongAdder count) {
        FunctionCounter.builder("turnout.warm.up.requests", count, LongAdder::sum)
                .description(
                        "Requests that Turnout itself sent to make backends ready, counted when a warm-up has ended.")
                .tag("colour", colour.label())
                .tag("result", result)
                .register(registry);
    }

    private WarmUpOrder order(Colour colour) {
        return WarmUpOrder.of(switchboard.current().pool(colour));
    }

    private Account account(Colour colour) {
        return Objects.requireNonNull(accounts.get(colour));
    }

    private ChangeRefused shuttingDown() {
        return new ChangeRefused(
                Kind.SHUTTING_DOWN,
                "Turnout is shutting down",
                switchboard.current().revision());
    }

    /** Nothing is known of it: an event loop hangs. */
    private WarmUpReport lost(WarmUpOrder order, long nanos) {
        return new WarmUpReport(
                order.backends().size(),
                0,
                order.requests(),
                order.requests(),
                order.connections(warmer.eventLoops()),
                nanos,
                List.of("an event loop did not answer"));
    }
}
