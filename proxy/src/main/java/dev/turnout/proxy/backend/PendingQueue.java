package dev.turnout.proxy.backend;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Thread-safe, without a lock. Requests of all event loops that wait until some backend of a pool can bear one more, first
 * come, first served. Who enters has to look once more whether there is a place: one that was free before nobody tells of.
 */
public final class PendingQueue {

    /** Thread-safe. Who waits. */
    public interface Waiting {

        /** A place may be free. Called once, on any thread; it is out of the queue then. */
        void wake();
    }

    private final ConcurrentLinkedDeque<Waiting> waiting = new ConcurrentLinkedDeque<>();

    /** Of all event loops; never below what is in the queue. */
    private final AtomicInteger count = new AtomicInteger();

    /** Waits from now on; false if so many do already. */
    public boolean enter(Waiting who, int most) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        waiting.addLast(who);
        return true;
    }

    /** Goes on waiting at the head: it was woken, and somebody else was faster. */
    public void enterAgain(Waiting who) {
        count.incrementAndGet();
        waiting.addFirst(who);
    }

    /** Waits no longer; false if it was woken, and then it has to wake the next if it does not take the place. */
    public boolean leave(Waiting who) {
        if (!waiting.remove(who)) {
            return false;
        }
        count.decrementAndGet();
        return true;
    }

    /** Tells the first of a place. */
    public void wakeOne() {
        if (count.get() == 0) {
            return;
        }
        Waiting first = waiting.pollFirst();
        if (first != null) {
            count.decrementAndGet();
            first.wake();
        }
    }

    /** Tells all who wait now: everything may be different. */
    public void wakeAll() {
        for (int left = count.get(); left > 0; left--) {
            wakeOne();
        }
    }

    /** How many wait. */
    public int size() {
        return count.get();
    }
}
