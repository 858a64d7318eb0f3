package dev.turnout.proxy.connection;

import dev.turnout.proxy.routing.HoldOrder;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop, but for {@link #size}. The requests of one worker that wait for the end of a hold, in the order
 * in which they came. Each worker has a share of what the order allows, so that none has to ask another.
 */
public final class HoldQueue {

    /** Confined to one event loop. A request that waits. */
    public interface Waiter {

        /** The hold is over. */
        void onHoldOver(long waitedNanos);
    }

    /** Confined to one event loop. Where a request stands in the queue; threaded through, so that it leaves in one step. */
    public static final class Place {
        private final Waiter waiter;
        private final long since;
        private long bytes;
        private boolean waits = true;
        private @Nullable Place before;
        private @Nullable Place after;

        private Place(Waiter waiter, long since, long bytes) {
            this.waiter = waiter;
            this.since = since;
            this.bytes = bytes;
        }

        /** Tells the request that it waits no longer. */
        void letGo(long now) {
            waiter.onHoldOver(now - since);
        }
    }

    private final int index;
    private final int workers;
    private @Nullable Place first;
    private @Nullable Place last;
    private long bytes;

    /** Written by the event loop alone, read by whoever asks for the status. */
    private volatile int size;

    /** @param index of the worker whose queue this is, of so many */
    HoldQueue(int index, int workers) {
        this.index = index;
        this.workers = workers;
    }

    /** Goes to the end of the queue; null if the share of this worker is used up. */
    @Nullable
    Place enter(Waiter waiter, long itsBytes, HoldOrder order, long now) {
        if (size >= share(order.maxQueued()) || bytes + itsBytes > share(order.maxBytes())) {
            return null;
        }
        Place place = new Place(waiter, now, itsBytes);
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
        add(1, itsBytes);
        return place;
    }

    /** Counts more bytes of a request that waits; false, and it is out of the queue, if they are too many. */
    boolean grow(Place place, long more, HoldOrder order) {
        if (bytes + more > share(order.maxBytes())) {
            leave(place);
            return false;
        }
        place.bytes += more;
        add(0, more);
        return true;
    }

    /** Takes a request out, wherever it stands; false if it waits no longer. */
    boolean leave(Place place) {
        if (!place.waits) {
            return false;
        }
        place.waits = false;
        Place before = place.before;
        Place after = place.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        place.before = null;
        place.after = null;
        add(-1, -place.bytes);
        return true;
    }

    /** Takes the request out that has waited longest; null if none waits. */
    @Nullable
    Place poll() {
        Place next = first;
        if (next != null) {
            leave(next);
        }
        return next;
    }

    /** How many wait; may be asked by any thread. */
    int size() {
        return size;
    }

    /** The memory that those who wait take. */
    long bytes() {
        return bytes;
    }

    /** What of so much is this worker's, 1 at least; all shares together are the whole. */
    private long share(long whole) {
        return Math.max(1, Worker.share(whole, workers, index));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void add(int requests, long moreBytes) {
        size += requests;
        bytes += moreBytes;
    }
}
