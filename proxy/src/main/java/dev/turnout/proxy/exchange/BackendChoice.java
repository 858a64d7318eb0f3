package dev.turnout.proxy.exchange;

import dev.turnout.config.BackendLimits;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.connection.HoldQueue;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.release.Signal;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.StickyTable;
import dev.turnout.proxy.routing.Switchboard;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Chooses a backend for each attempt of one exchange by the routing table of that moment, and takes its
 * lease. Where there is none yet it waits: for the end of a hold, or for room in a pool.
 */
final class BackendChoice implements HoldQueue.Waiter, PendingPlace.Owner {

    /** Confined to one event loop. Whose attempts they are. */
    interface Owner {

        /** It waits from now on, so it is no request under way. */
        void onWait();

        /** The wait may be over: to {@link #take} again; nothing may be thrown. */
        void onTurn();

        /** The wait is over, and for nothing. */
        void onGivenUp(ProxyError error);

        /** Memory that is kept for it while it waits. */
        long heldBytes();
    }

    /** Immutable. What had been chosen before something else was tried. */
    record Memo(
            long tableRevision,
            @Nullable Colour routedTo,
            @Nullable StickyTable sticky,
            RequestRoute.Standing standing) {}

    private final ExchangeRules rules;
    private final Worker worker;
    private final Owner owner;
    private final ExchangeRecord record;
    private final RequestRoute route;

    /** Where it waits for the end of a hold; null if it does not. */
    private HoldQueue.@Nullable Place place;

    /** Where it waits for room in a pool; null if it does not. */
    private @Nullable PendingPlace pending;

    /** What the last choice came to; null if it came to none. */
    private @Nullable Lease taken;

    /** Tells of the cookie that the request did not have; null if it had one, or there is none. */
    private @Nullable StickyTable sticky;

    BackendChoice(ExchangeRules rules, Worker worker, Owner owner, ExchangeRecord record, RequestRoute route) {
        this.rules = rules;
        this.worker = worker;
        this.owner = owner;
        this.record = record;
        this.route = route;
    }

    /**
     * Chooses a backend. What there is then is {@link #taken}; the first attempt may have to wait instead.
     *
     * @param tried the backend of the last attempt, to be avoided
     * @return why there is neither, null if there is one of them
     */
    @Nullable
    ProxyError take(@Nullable Backend tried) {
        taken = null;
        ProxyError none = choose(tried);
        if (none != null || taken != null || place != null) {
            leavePending();
        }
        return none;
    }

    /** The lease that was taken last, which is the caller's; null if there is none, as it waits or there is nobody. */
    @Nullable
    Lease taken() {
        return taken;
    }

    /** Whether it waits for the end of a hold, or for room in a pool. */
    boolean isWaiting() {
        return place != null || pending != null;
    }

    /** Whether it waits for the end of a hold. */
    boolean isHeld() {
        return place != null;
    }

    /** Waits no longer. */
    void leave() {
        HoldQueue.Place left = place;
        if (left != null) {
            place = null;
            worker.held().leave(left);
        }
        leavePending();
    }

    /** What is chosen, to go back to. */
    Memo memo() {
        return new Memo(record.tableRevision, record.routedTo, sticky, route.standing());
    }

    /** It stays where it was: what was tried since came to nothing. */
    void restore(Memo memo) {
        record.tableRevision = memo.tableRevision();
        record.routedTo = memo.routedTo();
        sticky = memo.sticky();
        route.restore(memo.standing());
    }

    /** Has the client told who it is, and with which backend it is to stay, if it did not say so itself. */
    void setCookies(Head request, Head answer, Backend backend) {
        StickyTable table = sticky;
        if (table == null && !route.issuesCookie()) {
            return;
        }
        boolean https = "https".equals(request.field("x-forwarded-proto"));
        Cookies.set(answer, route.setCookie(https));
        if (table != null) {
            Cookies.set(answer, table.setCookie(backend, https));
        }
    }

    private @Nullable ProxyError choose(@Nullable Backend tried) {
        Switchboard switchboard = rules.switchboard();
        RoutingTable table = switchboard.current();
        while (true) {
            record.tableRevision = table.revision();
            record.routedTo = null;
            if (record.attemptsMade == 0) {
                if (table.maintenance()) {
                    return ProxyError.MAINTENANCE;
                }
                HoldOrder hold = table.hold();
                if (hold != null && worker.held().isInForce(hold)) {
                    return waitForEnd();
                }
            }
            Pool pool = table.pool(route.choose(table));
            // At once: what no backend of it takes is a failure of that colour.
            record.routedTo = pool.colour();
            Backend named = route.named(pool);
            boolean free = named == null || named == tried || named.isSuspect();
            Backend backend = free ? pool.pick(record, tried) : named;
            // Where it was diverted to it is a guest, and its user stays where the cookie says.
            sticky = named == null && !route.isDiverted() ? pool.sticky() : null;
            if (backend == null) {
                if (leaves(pool.colour())) {
                    continue;
                }
                return ProxyError.NO_BACKEND;
            }
            boolean behind = comesBehindOthers(pool);
            Lease lease = behind ? null : backend.tryLease();
            boolean full = lease == null && (behind || !backend.isClosed());
            if (full && !behind) {
                lease = pool.leaseOnAny(tried);
            }
            RoutingTable newer = switchboard.current();
            if (lease != null) {
                if (newer.hold() == null || isSame(newer, table) || record.attemptsMade > 0) {
                    taken = lease;
                    return null;
                }
                // Held since the table was read: who counts leases after that must see none begin.
                lease.close(Outcome.NEUTRAL);
            } else if (full) {
                if (leaves(pool.colour())) {
                    continue;
                }
                ProxyError refused = waitForRoom(pool);
                newer = switchboard.current();
                if (refused != null || isSame(newer, table)) {
                    return refused;
                }
                // Whoever published the newer one has told those who waited then; it was none of them.
            } else if (isSame(newer, table)) {
                if (leaves(pool.colour())) {
                    continue;
                }
                return ProxyError.POOL_DRAINED;
            }
            // Closed since the table was read, there is a newer one; or else the pool is drained by order.
            table = newer;
        }
    }

    /** During a release the other colour serves what this one has nobody for, and the judge hears of it. */
    private boolean leaves(Colour colour) {
        Routed routed = record.routed;
        if (!route.leave(colour)) {
            return false;
        }
        // Of one that was sent somewhere before, what came of that says enough.
        if (routed.isDrawn() && record.attemptsMade == 0) {
            rules.evidence()
                    .bad(new Evidence.Bad(
                            Signal.ERROR,
                            Evidence.NOBODY,
                            routed.isCandidate(),
                            false,
                            route.userHash(),
                            Evidence.NOBODY));
        }
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // the question is whether the pointer moved, not what it points to
    private static boolean isSame(RoutingTable a, RoutingTable b) {
        return a == b;
    }

    // ---- Waiting for the end of a hold

    /** Nothing of the request was sent. It keeps what was read of it, and its socket is not read on. */
    private @Nullable ProxyError waitForEnd() {
        place = worker.held().enter(this, owner.heldBytes());
        if (place == null) {
            return ProxyError.HOLD_FULL;
        }
        owner.onWait();
        return null;
    }

    /** Keeps so many bytes more while it waits; false if that is too much, and it waits no longer. */
    boolean hold(long more) {
        HoldQueue.Place held = place;
        if (held == null || worker.held().grow(held, more)) {
            return true;
        }
        place = null;
        return false;
    }

    @Override
    public void onHoldOver(long waitedNanos) {
        place = null;
        record.waitedNanos += waitedNanos;
        owner.onTurn();
    }

    // ---- Waiting for room in a pool

    /**
     * Whether others wait for that pool, and so it is their turn before that of a request that comes now; where no place is left
     * among them they have been told already, if there is room for them all and one more.
     */
    private boolean comesBehindOthers(Pool pool) {
        if (!pool.isLimited() || pending != null || record.attemptsMade > 0) {
            return false;
        }
        int waiting = rules.switchboard().pending(pool.colour()).size();
        int most = pool.settings().limits().pending();
        return waiting > 0 && most > 0 && (waiting < most || !pool.hasRoomFor(waiting + 1));
    }

    /** Nothing was sent yet, or else it does not wait: there was an answer of a kind, which is as good. */
    private @Nullable ProxyError waitForRoom(Pool pool) {
        PendingQueue queue = rules.switchboard().pending(pool.colour());
        PendingPlace waiting = pending;
        if (waiting != null) {
            waiting.goOnWaiting(queue);
        } else if (record.attemptsMade > 0) {
            return ProxyError.BACKENDS_FULL;
        } else {
            BackendLimits limits = pool.settings().limits();
            waiting = new PendingPlace(worker, queue, this);
            if (!waiting.enter(limits.pending(), limits.pendingTimeout().toNanos())) {
                return ProxyError.BACKENDS_FULL;
            }
            pending = waiting;
            owner.onWait();
        }
        if (pool.hasRoom()) {
            // Given back before it stood in the queue: nobody tells of that, and it is for the first there.
            queue.wakeOne();
        }
        return null;
    }

    /** It has a backend, or has left. */
    private void leavePending() {
        PendingPlace left = pending;
        if (left != null) {
            pending = null;
            left.leave();
            record.waitedNanos += worker.now() - left.since();
        }
    }

    @Override
    public boolean onRoom() {
        owner.onTurn();
        return taken != null || pending != null;
    }

    @Override
    public void onPendingTimeout() {
        pending = null;
        owner.onGivenUp(ProxyError.PENDING_TIMEOUT);
    }
}
