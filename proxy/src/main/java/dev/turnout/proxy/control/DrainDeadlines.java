package dev.turnout.proxy.control;

import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.InFlight;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Switchboard;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to the control thread. Carries out what was ordered for the deadline of a drain. */
final class DrainDeadlines {

    private static final Logger log = LoggerFactory.getLogger(DrainDeadlines.class);

    /** How often connections that have become idle are looked for after the deadline. */
    private static final Duration IDLE_ROUND = Duration.ofSeconds(5);

    private final Switchboard switchboard;
    private final InFlight inFlight;
    private final Clock clock;
    private final ScheduledExecutorService thread;
    private final Map<DrainOrder, Future<?>> scheduled = new HashMap<>();

    DrainDeadlines(Switchboard switchboard, InFlight inFlight, Clock clock, ScheduledExecutorService thread) {
        this.switchboard = switchboard;
        this.inFlight = inFlight;
        this.clock = clock;
        this.thread = thread;
    }

    /** Takes up the orders of the table in force and forgets those that no longer stand. */
    void follow() {
        var orders = switchboard.current().orders().drains();
        scheduled.entrySet().removeIf(entry -> {
            boolean gone = !orders.contains(entry.getKey());
            if (gone) {
                entry.getValue().cancel(false);
            }
            return gone;
        });
        for (DrainOrder order : orders) {
            if (!scheduled.containsKey(order)) {
                schedule(order, Duration.between(clock.instant(), order.deadline()), true);
            }
        }
    }

    private void schedule(DrainOrder order, Duration delay, boolean first) {
        long nanos = Math.max(0, TimeUnit.NANOSECONDS.convert(delay));
        scheduled.put(order, thread.schedule(() -> carryOut(order, first), nanos, TimeUnit.NANOSECONDS));
    }

    private void carryOut(DrainOrder order, boolean first) {
        Pool pool = switchboard.current().pool(order.colour());
        if (pool.isDrained()) {
            return;
        }
        if (first) {
            log.warn(
                    "drain of {} is overdue since {}: {} exchanges and {} tunnels in flight, on deadline: {}",
                    order.colour().label(),
                    order.deadline(),
                    pool.exchanges(),
                    pool.tunnels(),
                    order.onDeadline());
        }
        switch (order.onDeadline()) {
            case REPORT -> {}
            case CLOSE -> inFlight.close(order.colour(), false);
            case CLOSE_IDLE -> {
                inFlight.close(order.colour(), true);
                schedule(order, IDLE_ROUND, false);
            }
        }
    }

    /** Forgets all orders. */
    void close() {
        scheduled.values().forEach(future -> future.cancel(false));
        scheduled.clear();
    }
}
