package dev.turnout.proxy.backend;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe, without a lock. Requests of all event loops that wait until some backend of a pool can bear one more, first come,
 * first served. Who enters has to look once more whether there is room, and to {@link #wakeOne} if there is: of what was given
 * back before, nobody tells. As long as anybody is here who comes anew enters behind.
 */
public final class PendingQueue {

    /** Thread-safe. Who waits. */
    public interface Waiting {

        /**
         * There may be room, or all may be different. Called once for each place, on any thread, and the place is out of the queue
         * then; but it counts until {@link PendingQueue#done}.
         */
        void wake(Place place);
    }

    /** Immutable. One place. */
    public static final class Place {
        private final Waiting who;
        /** By which it is served; who goes on waiting keeps it. */
        private final long number;

        private Place(Waiting who, long number) {
            this.who = who;
            this.number = number;
        }
    }

    /** Shared by the queues between which a request may move. */
    private final AtomicLong numbers;

    private final ConcurrentSkipListMap<Long, Place> waiting = new ConcurrentSkipListMap<>();

    /** Of all event loops: those in the queue, and those that were told and have not said what came of it. */
    private final AtomicInteger count = new AtomicInteger();

    /** @param numbers shared with the queues of other pools, so that who moves keeps its turn */
    public PendingQueue(AtomicLong numbers) {
        this.numbers = numbers;
    }

    /** Waits from now on; null if so many do already. */
    public @Nullable Place enter(Waiting who, int most) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return null;
        }
        return put(new Place(who, numbers.incrementAndGet()));
    }

    /** Goes on waiting, in its turn: it was told and there was none for it, or it comes from another queue. */
    public Place enterAgain(Waiting who, Place before) {
        count.incrementAndGet();
        return put(new Place(who, before.number));
    }

    private Place put(Place place) {
        waiting.put(place.number, place);
        return place;
    }

    /** Waits no longer; false if it was told: then it has to say {@link #done} when it hears of that. */
    public boolean leave(Place place) {
        if (!waiting.remove(place.number, place)) {
            return false;
        }
        count.decrementAndGet();
        return true;
    }

    /** What it was told of is taken, or left to the next one, who is told then. */
    public void done(Place told) {
        count.decrementAndGet();
    }

    /** Tells the first of room. */
    public void wakeOne() {
        if (count.get() == 0) {
            return;
        }
        Map.Entry<Long, Place> first = waiting.pollFirstEntry();
        if (first != null) {
            first.getValue().who.wake(first.getValue());
        }
    }

    /** Tells all who wait now: everything may be different. */
    public void wakeAll() {
        for (Place place : waiting.values()) {
            if (waiting.remove(place.number, place)) {
                place.who.wake(place);
            }
        }
    }

    /** How many wait. */
    public int size() {
        return count.get();
    }
}
