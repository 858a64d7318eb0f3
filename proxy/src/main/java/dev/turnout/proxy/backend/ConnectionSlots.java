package dev.turnout.proxy.backend;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Thread-safe, without a lock. How many connections are open to one backend, and how many may be. */
public final class ConnectionSlots {

    /** 0: no limit. Written by the control thread, read by event loops. */
    private volatile int limit;

    private final AtomicInteger used = new AtomicInteger();
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    ConnectionSlots() {}

    void limit(int most) {
        limit = most;
        serve();
    }

    /** Takes one, until {@link #give}; false if there is none. */
    public boolean tryTake() {
        int most = limit;
        if (most == 0) {
            used.incrementAndGet();
            return true;
        }
        while (true) {
            int seen = used.get();
            if (seen >= most) {
                return false;
            }
            if (used.compareAndSet(seen, seen + 1)) {
                return true;
            }
        }
    }

    /** Has {@code taken} run once with a slot that is its own then, on any thread, maybe before this returns. */
    public void take(Runnable taken) {
        waiting.add(taken);
        serve();
    }

    /** Waits no longer; false if it was run, or is about to be. */
    public boolean cancel(Runnable taken) {
        return waiting.remove(taken);
    }

    /** Gives one back. */
    public void give() {
        used.decrementAndGet();
        serve();
    }

    /** Whether anybody waits. */
    public boolean isWanted() {
        return limit != 0 && !waiting.isEmpty();
    }

    /** How many are in use beyond a limit that was lowered meanwhile. */
    public int surplus() {
        int most = limit;
        return most == 0 ? 0 : Math.max(0, used.get() - most);
    }

    /** In use, or being opened. */
    public int used() {
        return used.get();
    }

    private void serve() {
        while (!waiting.isEmpty() && tryTake()) {
            @Nullable Runnable first = waiting.poll();
            if (first == null) {
                // Somebody else was served, or has left; who came since then is seen by the next round.
                used.decrementAndGet();
            } else {
                first.run();
            }
        }
    }
}
