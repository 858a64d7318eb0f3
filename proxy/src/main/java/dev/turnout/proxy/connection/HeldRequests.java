package dev.turnout.proxy.connection;

import dev.turnout.proxy.connection.HoldQueue.Place;
import dev.turnout.proxy.connection.HoldQueue.Waiter;
import dev.turnout.proxy.observe.ExchangeObserver.HoldEnd;
import dev.turnout.proxy.routing.HoldOrder;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop, but for {@link #size}. Keeps the requests of one worker waiting while a hold is in force, and
 * lets them go when it is taken back or has passed. That it has passed this worker finds by a timer of its own: no other
 * thread is needed for a hold to end.
 */
public final class HeldRequests {

    /** So many are let go in one turn of the event loop, so that what else there is to do is not kept waiting. */
    static final int TURN = 500;

    private final Worker worker;
    private final HoldQueue queue;
    private final Clock clock;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onUntil);

    /** The last one seen, if it was not taken back. */
    private @Nullable HoldOrder order;
    /** When that one passes, on the clock of the worker. */
    private long endsAt;

    private boolean lettingGo;
    private boolean turnAhead;
    private HoldEnd end = HoldEnd.RELEASED;

    HeldRequests(Worker worker, int workers, Clock clock) {
        this.worker = worker;
        this.queue = new HoldQueue(worker.index(), workers);
        this.clock = clock;
    }

    /** Whether the order of the table in force has not passed yet. */
    public boolean isInForce(HoldOrder standing) {
        adopt(standing);
        return endsAt - worker.now() > 0;
    }

    /**
     * Lets a request wait under the order that is in force.
     *
     * @return null if there is no room for it
     */
    public @Nullable Place enter(Waiter waiter, long bytes) {
        worker.observer().held();
        Place place = queue.enter(waiter, bytes, Objects.requireNonNull(order), worker.now());
        if (place == null) {
            worker.observer().holdEnded(HoldEnd.REFUSED);
        }
        return place;
    }

    /** Counts more bytes of a request that waits; false if there is no room for them, then it waits no longer. */
    public boolean grow(Place place, long more) {
        HoldOrder standing = order;
        if (standing == null || queue.grow(place, more, standing)) {
            return true;
        }
        worker.observer().holdEnded(HoldEnd.REFUSED);
        return false;
    }

    /** The request is given up. */
    public void leave(Place place) {
        if (queue.leave(place)) {
            worker.observer().holdEnded(HoldEnd.LEFT);
        }
    }

    /** Another table is in force, with this order. */
    public void look(@Nullable HoldOrder standing) {
        if (standing != null) {
            adopt(standing);
        } else if (order != null) {
            order = null;
            worker.timers().cancel(timer);
            // Who ended it, if it ended about now, is as good as chance: the control thread has the same deadline.
            letGo(endsAt - worker.now() > TimerWheel.TICK_NANOS ? HoldEnd.RELEASED : HoldEnd.EXPIRED);
        }
    }

    /** How many wait; may be asked by any thread. */
    public int size() {
        return queue.size();
    }

    private void adopt(HoldOrder standing) {
        HoldOrder known = order;
        if (known != null && known.revision() == standing.revision()) {
            return;
        }
        order = standing;
        endsAt = worker.now() + TimeUnit.NANOSECONDS.convert(standing.left(clock.instant()));
        // Who has not been let go yet waits under the new one.
        lettingGo = false;
        worker.timers().set(timer, endsAt);
    }

    private void onUntil() {
        if (order != null && endsAt - worker.now() <= 0) {
            letGo(HoldEnd.EXPIRED);
        }
    }

    private void letGo(HoldEnd why) {
        end = why;
        lettingGo = true;
        nextTurn();
    }

    private void nextTurn() {
        if (!turnAhead && queue.size() > 0) {
            turnAhead = true;
            worker.eventLoop().execute(this::turn);
        }
    }

    private void turn() {
        turnAhead = false;
        long now = worker.tick();
        for (int i = 0; i < TURN && lettingGo; i++) {
            Place next = queue.poll();
            if (next == null) {
                return;
            }
            worker.observer().holdEnded(end);
            next.letGo(now);
        }
        if (lettingGo) {
            nextTurn();
        }
    }
}
