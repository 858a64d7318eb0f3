package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to one event loop. One request among those that wait for a backend of a pool. */
final class PendingPlace {

    private static final Logger log = LoggerFactory.getLogger(PendingPlace.class);

    /** Confined to one event loop. Who waits; told on its event loop. */
    interface Owner {

        /**
         * There may be room: look again, and {@link PendingPlace#goOnWaiting} or be done with this place.
         *
         * @return false if what there may be was not taken, and it does not wait on for it either
         */
        boolean onRoom();

        /** The time is over. */
        void onPendingTimeout();
    }

    private final Worker worker;
    private final Owner owner;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::timedOut);
    /** Of the pool that it is to go to, which may change while it waits. */
    private PendingQueue queue;
    /** Where it stands there; null before it has entered, and while it is told. */
    private PendingQueue.@Nullable Place place;
    /** What it was told of last, whose turn it keeps. */
    private PendingQueue.@Nullable Place last;

    private long since;
    private boolean over;

    PendingPlace(Worker worker, PendingQueue queue, Owner owner) {
        this.worker = worker;
        this.queue = queue;
        this.owner = owner;
    }

    /** Waits at most that long; false if there is no place. */
    boolean enter(int most, long nanos) {
        PendingQueue entered = queue;
        last = entered.enter(told -> wake(entered, told), most);
        place = last;
        if (place == null) {
            return false;
        }
        since = worker.now();
        worker.timers().set(timer, since + nanos);
        return true;
    }

    /** When it began to wait, by {@link Worker#now}. */
    long since() {
        return since;
    }

    /** Waits on, for room in that pool: there was none for it. */
    void goOnWaiting(PendingQueue next) {
        leaveQueue();
        queue = next;
        last = next.enterAgain(told -> wake(next, told), Objects.requireNonNull(last));
        place = last;
    }

    /** Waits no longer. */
    void leave() {
        if (!over) {
            over = true;
            worker.timers().cancel(timer);
            leaveQueue();
        }
    }

    /** If it was told in between, it will hear of a place that is its own no more. */
    private void leaveQueue() {
        PendingQueue.Place left = place;
        if (left != null) {
            place = null;
            queue.leave(left);
        }
    }

    /** On any thread. */
    private void wake(PendingQueue from, PendingQueue.Place told) {
        try {
            worker.eventLoop().execute(() -> woken(from, told));
        } catch (RejectedExecutionException e) {
            log.debug("a backend has room again while shutting down");
        }
    }

    @SuppressWarnings("ReferenceEquality") // a place is itself and no other
    private void woken(PendingQueue from, PendingQueue.Place told) {
        if (over || told != place) {
            from.done(told);
            // It has left, or stands elsewhere: the next one is to hear of the room.
            from.wakeOne();
            return;
        }
        place = null;
        worker.tick();
        boolean used = false;
        try {
            used = owner.onRoom();
        } finally {
            // Not before: as long as it counts, nobody who comes anew takes what it was told of.
            from.done(told);
            if (!used) {
                from.wakeOne();
            }
        }
    }

    private void timedOut() {
        if (!over) {
            leave();
            owner.onPendingTimeout();
        }
    }
}
