package dev.turnout.proxy.control;

import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the control thread. Takes an order that ends by itself out of the routing table when it has passed. That requests
 * that were held go on then does not hang on this: the event loops know the same deadline.
 */
final class OrderDeadline<T> {

    /** When to try again if it could not be taken out, as the disk was full. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Supplier<@Nullable T> current;
    private final BiFunction<T, Clock, Duration> left;
    private final Clock clock;
    private final ScheduledExecutorService thread;
    private final Consumer<T> expire;
    private @Nullable T followed;
    private @Nullable Future<?> scheduled;

    /**
     * @param current the order of the table in force
     * @param left how long it still stands
     * @param expire makes the change; if it cannot, the order stands and is asked for again
     */
    OrderDeadline(
            Supplier<@Nullable T> current,
            BiFunction<T, Clock, Duration> left,
            Clock clock,
            ScheduledExecutorService thread,
            Consumer<T> expire) {
        this.current = current;
        this.left = left;
        this.clock = clock;
        this.thread = thread;
        this.expire = expire;
    }

    /** Takes up the order of the table in force, and forgets the one before. */
    void follow() {
        T standing = current.get();
        if (Objects.equals(standing, followed)) {
            return;
        }
        close();
        followed = standing;
        if (standing != null) {
            schedule(standing, left.apply(standing, clock));
        }
    }

    private void schedule(T order, Duration delay) {
        long nanos = TimeUnit.NANOSECONDS.convert(delay);
        scheduled = thread.schedule(() -> carryOut(order), nanos, TimeUnit.NANOSECONDS);
    }

    private void carryOut(T order) {
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
