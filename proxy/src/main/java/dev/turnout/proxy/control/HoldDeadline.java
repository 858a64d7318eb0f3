package dev.turnout.proxy.control;

import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Switchboard;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the control thread. Takes a hold out of the routing table when it has passed. That requests go on then does not
 * hang on this: the event loops know the same deadline.
 */
final class HoldDeadline {

    /** When to try again if it could not be taken out, as the disk was full. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Switchboard switchboard;
    private final Clock clock;
    private final ScheduledExecutorService thread;
    private final Consumer<HoldOrder> expire;
    private @Nullable HoldOrder followed;
    private @Nullable Future<?> scheduled;

    /** @param expire makes the change; if it cannot, the hold stands and is asked for again */
    HoldDeadline(Switchboard switchboard, Clock clock, ScheduledExecutorService thread, Consumer<HoldOrder> expire) {
        this.switchboard = switchboard;
        this.clock = clock;
        this.thread = thread;
        this.expire = expire;
    }

    /** Takes up the hold of the table in force, and forgets the one before. */
    void follow() {
        HoldOrder standing = switchboard.current().hold();
        if (Objects.equals(standing, followed)) {
            return;
        }
        close();
        followed = standing;
        if (standing != null) {
            schedule(standing, standing.left(clock.instant()));
        }
    }

    private void schedule(HoldOrder order, Duration delay) {
        long nanos = TimeUnit.NANOSECONDS.convert(delay);
        scheduled = thread.schedule(() -> carryOut(order), nanos, TimeUnit.NANOSECONDS);
    }

    private void carryOut(HoldOrder order) {
        if (order.equals(followed)) {
            expire.accept(order);
        }
        if (order.equals(followed)) {
            schedule(order, AGAIN);
        }
    }

    /** Forgets it. */
    void close() {
        followed = null;
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }
}
