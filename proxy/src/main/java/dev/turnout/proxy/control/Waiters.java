package dev.turnout.proxy.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: anyone may wait, the control thread alone looks. Those who wait until something is so or their time is
 * over. Exchanges end on the event loops, which tell nobody, so while anyone waits the control thread looks every
 * {@value #INTERVAL_MILLIS} ms.
 */
final class Waiters {

    static final int LIMIT = 1000;
    private static final long INTERVAL_MILLIS = 20;

    private record Waiter<T>(
            Supplier<Optional<T>> probe,
            Supplier<T> otherwise,
            long startNanos,
            long timeoutNanos,
            CompletableFuture<T> answer) {

        /** Whether the wait has ended: the answer is given, or whoever asked has left. */
        boolean isOver(boolean giveUp) {
            if (answer.isDone()) {
                return true;
            }
            Optional<T> found = probe.get();
            if (found.isEmpty() && (giveUp || System.nanoTime() - startNanos >= timeoutNanos)) {
                found = Optional.of(otherwise.get());
            }
            found.ifPresent(answer::complete);
            return found.isPresent();
        }
    }

    private final ScheduledExecutorService thread;
    private final AtomicInteger count = new AtomicInteger();

    /** Control thread only. */
    private final List<Waiter<?>> waiting = new ArrayList<>();

    /** Control thread only: the look that is scheduled, if one is. */
    private @Nullable Future<?> tick;

    /** Control thread only: whether nobody may wait any longer. */
    private boolean closed;

    Waiters(ScheduledExecutorService thread) {
        this.thread = thread;
    }

    /**
     * Waits until {@code probe} has something; both are asked on the control thread.
     *
     * @param otherwise the answer when the time is over; given at once if {@value #LIMIT} wait already
     */
    <T> CompletionStage<T> await(Supplier<Optional<T>> probe, Supplier<T> otherwise, Duration timeout) {
        // convert() gives the longest there is where toNanos() would overflow.
        long timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
        Waiter<T> waiter = new Waiter<>(probe, otherwise, System.nanoTime(), timeoutNanos, new CompletableFuture<>());
        if (count.incrementAndGet() > LIMIT) {
            count.decrementAndGet();
            waiter.isOver(true);
            return waiter.answer();
        }
        try {
            thread.execute(() -> {
                waiting.add(waiter);
                look();
            });
        } catch (RejectedExecutionException e) {
            count.decrementAndGet();
            waiter.isOver(true);
        }
        return waiter.answer();
    }

    /** Answers those whose wait has ended. Control thread only. */
    void look() {
        // Answering runs code of others, which may change the list: so first take out, then answer.
        List<Waiter<?>> asked = new ArrayList<>(waiting);
        waiting.clear();
        for (Waiter<?> waiter : asked) {
            if (waiter.isOver(closed)) {
                count.decrementAndGet();
            } else {
                waiting.add(waiter);
            }
        }
        if (!waiting.isEmpty() && tick == null) {
            tick = thread.schedule(this::tick, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        tick = null;
        look();
    }

    /** Nobody waits any longer. Control thread only, before it ends. */
    void close() {
        closed = true;
        look();
    }
}
