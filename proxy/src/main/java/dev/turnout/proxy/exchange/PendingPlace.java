package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop, but for {@link #wake}. The place of one request among those that wait for a backend of a pool.
 */
final class PendingPlace implements PendingQueue.Waiting {

    private static final Logger log = LoggerFactory.getLogger(PendingPlace.class);

    /** Confined to one event loop. Who waits; told on its event loop. */
    interface Owner {

        /** There may be room: look again, and {@link PendingPlace#goOnWaiting} or be done with this place. */
        void onRoom();

        /** The time is over. */
        void onPendingTimeout();
    }

    private final Worker worker;
    /** Of the pool that it is to go to, which may change while it waits. */
    private PendingQueue queue;

    private final Owner owner;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::timedOut);
    private boolean over;

    PendingPlace(Worker worker, PendingQueue queue, Owner owner) {
        this.worker = worker;
        this.queue = queue;
        this.owner = owner;
    }

    /** Waits at most that long; false if there is no place. */
    boolean enter(int most, long nanos) {
        if (!queue.enter(this, most)) {
            return false;
        }
        worker.timers().set(timer, worker.now() + nanos);
        return true;
    }

    /** Somebody else was faster. */
    void goOnWaiting(PendingQueue next) {
        queue = next;
        queue.enterAgain(this);
    }

    /** Waits no longer. A place that it was told of and has not taken is for the next. */
    void leave() {
        if (!over) {
            over = true;
            worker.timers().cancel(timer);
            queue.leave(this);
        }
    }

    @Override
    public void wake() {
        try {
            worker.eventLoop().execute(this::woken);
        } catch (RejectedExecutionException e) {
            log.debug("a backend has room again while shutting down");
        }
    }

    private void woken() {
        if (over) {
            queue.wakeOne();
        } else {
            worker.tick();
            owner.onRoom();
        }
    }

    private void timedOut() {
        if (!over) {
            leave();
            owner.onPendingTimeout();
        }
    }
}
