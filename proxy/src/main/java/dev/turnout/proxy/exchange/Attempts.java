package dev.turnout.proxy.exchange;

import dev.turnout.config.BackendLimits;
import dev.turnout.config.Colour;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.LatencyGauge;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.ConnectionPool;
import dev.turnout.proxy.connection.HoldQueue;
import dev.turnout.proxy.connection.NoSlotException;
import dev.turnout.proxy.connection.NoSocketException;
import dev.turnout.proxy.connection.ResponseListener;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.exchange.RetryRules.Again;
import dev.turnout.proxy.exchange.RetryRules.Trouble;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.release.Signal;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.StickyTable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ConnectTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. The attempts of one exchange, one after the other: chooses a backend, holds its lease, gets a
 * connection, sends the request, and after a failure decides by {@link RetryRules} and the retry budget whether there is
 * another. Asks the switchboard anew for each, but for a stale connection.
 */
final class Attempts implements ConnectionPool.Waiter, HoldQueue.Waiter, PendingPlace.Owner {

    private static final byte[] SET_COOKIE = "Set-Cookie".getBytes(StandardCharsets.US_ASCII);

    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    /** Why there was a further attempt, where it is no error. */
    static final String CANARY_FALLBACK = "canary-fallback";

    static final String ASSET_FALLBACK = "asset-fallback";

    /** Confined to one event loop. Whose attempts they are: hears the backend's answer, and how the attempts go. */
    interface Owner extends ResponseListener {

        /** There is no attempt, or no further one. */
        void onGivenUp(ProxyError error);
    }

    private final ExchangeRules rules;
    private final Worker worker;
    private final Owner owner;
    private final ClientStream client;
    private final Head request;
    private final ExchangeRecord record;

    private final RequestRoute route;

    private @Nullable FirstAttempt first;
    private @Nullable Lease lease;
    /** The backend that failed it last, and was left for another one. */
    private @Nullable Backend avoided;

    private @Nullable BackendConnection connection;
    private @Nullable RequestBody body;
    private @Nullable Head trailers;
    private boolean requestEnded;
    /** Something of the body was sent that is not kept in {@link #body}. */
    private boolean bodyGone;
    /** The connection of the last attempt had served before. */
    private boolean reused;
    /** The last attempt had no answer over such a connection: its backend may have died of it, or only the connection was stale. */
    private boolean inDoubt;
    /** Backends that may have died of the request. */
    private int lost;
    /** The client sends its body only when the backend has said 100 (Continue). */
    private boolean awaitsContinue;
    /** Counts as a request under way. */
    private boolean counted;
    /** Holds a place of the retry budget. */
    private boolean further;

    /** Where it waits for the end of a hold; null if it does not. */
    private HoldQueue.@Nullable Place place;

    /** Tells of the cookie that the request did not have; null if it had one, or there is none. */
    private @Nullable StickyTable sticky;

    /** Where it waits for room in a pool; null if it does not. */
    private @Nullable PendingPlace pending;

    private boolean over;

    Attempts(
            ExchangeRules rules, Worker worker, Owner owner, ClientStream client, Head request, ExchangeRecord record) {
        this.rules = rules;
        this.worker = worker;
        this.owner = owner;
        this.client = client;
        this.request = request;
        this.record = record;
        this.route =
                new RequestRoute(record, client.isPreview() || rules.preview().isAskedFor(request));
    }

    /** The first one, which waits while a hold is in force; or a further one anew, whose backend was drained before it was sent. */
    void begin() {
        ProxyError none = takeLease(avoided);
        if (none != null) {
            leavePending();
            owner.onGivenUp(none);
        } else if (place != null) {
            // It waits for the end of a hold now.
            leavePending();
        } else if (lease != null) {
            leavePending();
            if (!counted) {
                counted = true;
                worker.retries().exchangeBegan();
            }
            if (record.attemptsMade == 0) {
                beginFirst(Objects.requireNonNull(lease).backend());
            }
            connect(false);
        }
    }

    private void beginFirst(Backend backend) {
        if (first != null) {
            first.over();
        }
        first = new FirstAttempt(rules.evidence(), worker, record, backend, route);
    }

    /** Whether it waits for the end of a hold, or for room in a pool. */
    boolean isHeld() {
        return place != null || pending != null;
    }

    /** Has the client told who it is, and with which backend it is to stay, if it did not say so itself. */
    void setCookies(Head answer) {
        StickyTable table = sticky;
        if (table == null && !route.issuesCookie()) {
            return;
        }
        boolean https = "https".equals(request.field("x-forwarded-proto"));
        setCookie(answer, route.setCookie(https));
        if (table != null) {
            setCookie(answer, table.setCookie(Objects.requireNonNull(lease).backend(), https));
        }
    }

    private static void setCookie(Head answer, @Nullable String cookie) {
        if (cookie != null) {
            answer.append(SET_COOKIE, cookie.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** By what rule or share the request goes where it goes. */
    RequestRoute route() {
        return route;
    }

    /** Where the request was sent to; null while there is no connection. */
    @Nullable
    BackendConnection connection() {
        return connection;
    }

    /** Whether the client has sent all of the request. */
    boolean isRequestEnded() {
        return requestEnded;
    }

    /** Whether the next byte is the backend's to send: it was given all it needs for an answer. */
    boolean isBackendsTurn() {
        return requestEnded || awaitsContinue;
    }

    /** A piece of the body; takes it over. */
    void body(ByteBuf data) {
        awaitsContinue = false;
        BackendConnection to = connection;
        if (place != null) {
            holdBody(data);
        } else if (to == null) {
            body().hold(data);
        } else if (body != null || maySendAgain()) {
            body().send(to, data);
        } else {
            // The usual case, a POST: nothing to be kept, nothing to be made for it.
            bodyGone = true;
            to.writeBody(data);
        }
    }

    /** The request is whole. */
    void end(@Nullable Head withTrailers) {
        requestEnded = true;
        awaitsContinue = false;
        trailers = withTrailers;
        if (connection != null) {
            connection.writeEnd(withTrailers);
        }
    }

    /** The backend has sent an interim answer. */
    void informed() {
        awaitsContinue = false;
    }

    /** An answer has begun on its way to the client: there is no further attempt. */
    void answered(int status) {
        firstAnswered(status);
        LatencyGauge latency = Objects.requireNonNull(lease).backend().latency();
        if (latency != null && status < 500) {
            // What the client takes to send its body says nothing of the backend. Of a 5xx the end of the lease tells.
            latency.answered(worker.now() - Math.max(record.attemptAt, record.requestEndedAt), worker.now());
        }
        if (body != null) {
            body.keepNoMore();
        }
    }

    /** From now on bytes pass as they are, and that is no request under way. */
    void becomeTunnel() {
        Objects.requireNonNull(connection).becomeTunnel();
        Objects.requireNonNull(lease).becomeTunnel();
        leaveBudget();
    }

    /** Closes the connection, whatever state it is in. */
    void cut() {
        BackendConnection used = connection;
        connection = null;
        if (used != null) {
            used.close();
        }
    }

    /**
     * The exchange is over; every call but the first does nothing.
     *
     * @param reusable whether the connection may serve again
     */
    void finish(Outcome outcome, boolean reusable) {
        over = true;
        // First of all: whatever fails below, a lease that is not given back would keep its pool from being drained.
        endLease(outcome);
        FirstAttempt judged = first;
        if (judged != null) {
            if (outcome != Outcome.NEUTRAL && record.failedWith != null && !route.isDiverted()) {
                judged.failed();
            }
            judged.over();
        }
        leaveBudget();
        HoldQueue.Place left = place;
        if (left != null) {
            place = null;
            worker.held().leave(left);
        }
        leavePending();
        BackendConnection used = connection;
        connection = null;
        if (used != null) {
            if (requestEnded && reusable) {
                used.release();
            } else {
                used.close();
            }
        }
        if (body != null) {
            body.release();
        }
    }

    private void endLease(Outcome outcome) {
        Lease ended = lease;
        if (ended != null) {
            lease = null;
            ended.close(outcome);
        }
    }

    private void leaveBudget() {
        if (counted) {
            counted = false;
            worker.retries().exchangeEnded();
        }
        if (further) {
            further = false;
            worker.retries().furtherEnded();
        }
    }

    // ---- Waiting for the end of a hold

    /** Nothing of the request was sent. It keeps what was read of it, and its socket is not read on. */
    private @Nullable ProxyError waitInQueue() {
        leaveBudget();
        long bytes = request.bytes().length + (body == null ? 0 : body.waitingBytes());
        place = worker.held().enter(this, bytes);
        if (place == null) {
            return ProxyError.HOLD_FULL;
        }
        if (!requestEnded) {
            client.pauseReading();
        }
        return null;
    }

    /** What was on its way already when reading was paused. */
    private void holdBody(ByteBuf data) {
        long more = body().holdCopy(data);
        if (!worker.held().grow(Objects.requireNonNull(place), more)) {
            place = null;
            owner.onGivenUp(ProxyError.HOLD_FULL);
        }
    }

    @Override
    public void onHoldOver(long waitedNanos) {
        place = null;
        record.waitedNanos += waitedNanos;
        try {
            begin();
            goOn();
        } catch (RuntimeException | Error fault) {
            giveUpAfter(fault);
        }
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
            leaveBudget();
            if (!requestEnded) {
                client.pauseReading();
            }
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
        try {
            begin();
            goOn();
        } catch (RuntimeException | Error fault) {
            giveUpAfter(fault);
        }
        return lease != null || pending != null;
    }

    @Override
    public void onPendingTimeout() {
        pending = null;
        owner.onGivenUp(ProxyError.PENDING_TIMEOUT);
    }

    // ---- One attempt

    /**
     * Takes the lease of a backend, or the first attempt a place in the queue if a hold is in force.
     *
     * @param tried the backend of the last attempt, to be avoided
     * @return why there is neither, null if there is one of them
     */
    private @Nullable ProxyError takeLease(@Nullable Backend tried) {
        RoutingTable table = rules.switchboard().current();
        while (true) {
            record.tableRevision = table.revision();
            if (record.attemptsMade == 0) {
                if (table.maintenance()) {
                    return ProxyError.MAINTENANCE;
                }
                HoldOrder hold = table.hold();
                if (hold != null && worker.held().isInForce(hold)) {
                    return waitInQueue();
                }
            }
            Pool pool = table.pool(route.choose(table));
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
            lease = behind ? null : backend.tryLease();
            boolean full = lease == null && (behind || !backend.isClosed());
            if (full && !behind) {
                lease = pool.leaseOnAny(tried);
            }
            RoutingTable newer = rules.switchboard().current();
            if (lease != null) {
                if (newer.hold() == null || isSame(newer, table) || record.attemptsMade > 0) {
                    return null;
                }
                // Held since the table was read: who counts leases after that must see none begin.
                endLease(Outcome.NEUTRAL);
            } else if (full) {
                if (leaves(pool.colour())) {
                    continue;
                }
                ProxyError refused = waitForRoom(pool);
                newer = rules.switchboard().current();
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

    /** @param fresh only a new connection will do */
    private void connect(boolean fresh) {
        Backend backend = Objects.requireNonNull(lease).backend();
        record.lastBackend = backend;
        record.attemptAt = worker.now();
        record.sentAt = -1;
        reused = false;
        // At another backend that is another question.
        inDoubt &= fresh;
        ConnectionPool connections = worker.connections();
        BackendConnection idle = fresh
                ? null
                : rules.retries().maySendAgain(isRepeatable(), request.bodyLength())
                        ? connections.takeIdle(backend)
                        : connections.takeRecent(backend);
        if (idle != null) {
            sendOn(idle);
        } else {
            if (!requestEnded) {
                client.pauseReading();
            }
            connections.connect(backend, this);
        }
    }

    @Override
    public void onConnected(BackendConnection opened) {
        try {
            connected(opened);
        } catch (RuntimeException | Error fault) {
            opened.close();
            giveUpAfter(fault);
        }
    }

    @Override
    public void onConnectFailed(Throwable cause) {
        if (over) {
            return;
        }
        record.attemptsMade++;
        again(Trouble.NOT_SENT, reasonOf(cause));
    }

    private static ProxyError reasonOf(Throwable cause) {
        if (cause instanceof NoSocketException) {
            // Another backend may have an idle connection, and ports are used up for one destination at a time.
            return ProxyError.NO_SOCKET;
        }
        if (cause instanceof ConnectTimeoutException) {
            return ProxyError.CONNECT_TIMEOUT;
        }
        return cause instanceof NoSlotException ? ProxyError.PENDING_TIMEOUT : ProxyError.CONNECT_FAILED;
    }

    private void connected(BackendConnection opened) {
        if (over) {
            opened.release();
            return;
        }
        if (opened.backend().isClosed()) {
            // Drained while the connection was opened. Nothing was sent to it: one is chosen anew, maybe of the other
            // colour.
            opened.release();
            endLease(Outcome.NEUTRAL);
            begin();
        } else {
            sendOn(opened);
        }
        goOn();
    }

    private void sendOn(BackendConnection to) {
        connection = to;
        reused = to.isReused();
        record.sentAt = worker.now();
        record.attemptsMade++;
        to.begin(owner, request.method());
        if (to.backend().proxyProtocol() != ProxyProtocol.OFF) {
            to.writeProxyHeader(client.clientAddress(), client.reachedAddress());
        }
        to.writeHead(request);
        if (body != null) {
            body.sendAll(to, maySendAgain());
        } else {
            awaitsContinue = !requestEnded && request.find(FieldName.EXPECT) >= 0;
        }
        if (requestEnded) {
            to.writeEnd(trailers);
        }
        to.setDeadline(worker.now() + (isBackendsTurn() ? rules.responseHeadNanos() : rules.idleNanos()));
    }

    /** After the wait for a connection. */
    private void goOn() {
        if (connection != null) {
            connection.flush();
            client.resumeReading();
        }
    }

    // ---- Another attempt

    private void firstAnswered(int status) {
        FirstAttempt judged = first;
        if (judged != null && !route.isDiverted()) {
            judged.answered(status);
        }
    }

    private void firstFailed() {
        FirstAttempt judged = first;
        if (judged != null && !route.isDiverted()) {
            judged.failed();
        }
    }

    /** It failed for a reason of ours, so the judge does not hear of this request: what mends it says nothing of the first. */
    private void forgetFirst() {
        FirstAttempt judged = first;
        if (judged != null && !route.isDiverted()) {
            judged.over();
            first = null;
        }
    }

    /** The connection was closed before a byte of an answer: sends the request again, or gives up. */
    void closedWithoutAnswer(boolean sent) {
        connection = null;
        again(sent ? Trouble.NO_ANSWER : Trouble.NOT_SENT, ProxyError.BACKEND_CLOSED);
    }

    /**
     * The backend has answered with this status. Sends the request to another one if that is wanted and possible: then this
     * answer is cut off. Returns false if it is to be passed on.
     */
    boolean triesElsewhere(int status) {
        Colour other = otherColourFor(status);
        if (other != null && leaveFor(other)) {
            return true;
        }
        if (!rules.retries().isRetried(status) || rules.retries().after(Trouble.BAD_STATUS, attempt()) == Again.NO) {
            return false;
        }
        Backend failed = Objects.requireNonNull(lease).backend();
        if (!moveFrom(failed, Outcome.SERVER_ERROR)) {
            return false;
        }
        firstAnswered(status);
        cut();
        failed.countResponse(worker.index(), status / 100);
        worker.observer().retried(failed.colour(), reason(status));
        beginNext();
        return true;
    }

    private void beginNext() {
        try {
            connect(false);
            goOn();
        } catch (RuntimeException | Error fault) {
            giveUpAfter(fault);
        }
    }

    // ---- The other colour

    /** Whether what was sent may be sent again as far as the client and we are concerned. */
    private boolean isReplayable(boolean wasSent) {
        return !bodyGone && (body == null || body.isKept()) && (!wasSent || isRepeatable());
    }

    /** Whether a request of the new colour of a release that fails there is served by the old one. */
    private boolean mayFallBack() {
        Release release = route.release();
        return release != null
                && release.plan().fallback()
                && release.usesBoth()
                && record.routed.isCandidate()
                && !route.isDiverted();
    }

    /** The colour that is asked after an answer with this status, null if it is to be passed on. */
    private @Nullable Colour otherColourFor(int status) {
        Colour from = Objects.requireNonNull(lease).backend().colour();
        if (status >= 500) {
            return mayFallBack() && isReplayable(true) ? from.other() : null;
        }
        if (status == 404
                && !route.isDiverted()
                && record.routed != Routed.PREVIEW
                && rules.assets().matches(request)
                && isReplayable(true)) {
            return from.other();
        }
        return null;
    }

    /** Leaves an answer whose head has come, for that of the other colour; false if that cannot be had. */
    private boolean leaveFor(Colour other) {
        int status = record.lastStatus;
        Backend failed = Objects.requireNonNull(lease).backend();
        // Before it is diverted: what comes then is no longer the first attempt's.
        firstAnswered(status);
        if (!moveTo(other, status >= 500 ? Outcome.SERVER_ERROR : Outcome.SUCCESS)) {
            return false;
        }
        cut();
        failed.countResponse(worker.index(), status / 100);
        worker.observer().retried(failed.colour(), status == 404 ? ASSET_FALLBACK : CANARY_FALLBACK);
        beginNext();
        return true;
    }

    /**
     * The attempt has failed without a byte for the client, and not by {@link #closedWithoutAnswer}: serves it by the old
     * colour of a release if that may be. Returns false if the failure stands.
     */
    boolean fallsBack(ProxyError error) {
        if (!mayFallBack() || !isReplayable(true)) {
            return false;
        }
        Backend failed = Objects.requireNonNull(lease).backend();
        firstFailed();
        if (!moveTo(failed.colour().other(), error.outcome())) {
            return false;
        }
        cut();
        worker.observer().retried(failed.colour(), CANARY_FALLBACK);
        beginNext();
        return true;
    }

    /** Gives the lease back for that of a backend of that colour; false if there is none. The retry budget is not asked. */
    private boolean moveTo(Colour other, Outcome outcome) {
        Lease before = Objects.requireNonNull(lease);
        long revision = record.tableRevision;
        StickyTable cookies = sticky;
        route.divert(other);
        ProxyError none = takeLease(null);
        Lease next = lease;
        if (none == null && next != null && next.backend().colour() == other) {
            before.close(outcome);
            return true;
        }
        if (none == null && next != null) {
            next.close(Outcome.NEUTRAL);
        }
        lease = before;
        record.tableRevision = revision;
        sticky = cookies;
        route.stay();
        return false;
    }

    private static String reason(int status) {
        return "backend-" + status;
    }

    private void again(Trouble trouble, ProxyError error) {
        try {
            if (!tryAgain(trouble, error)) {
                owner.onGivenUp(error);
            }
        } catch (RuntimeException | Error fault) {
            giveUpAfter(fault);
        }
    }

    private boolean tryAgain(Trouble trouble, ProxyError error) {
        countLost(trouble, error);
        Again again = rules.retries().after(trouble, attempt());
        if (again != Again.FRESH) {
            if (error == ProxyError.NO_SOCKET) {
                forgetFirst();
            } else {
                firstFailed();
            }
            if (mayFallBack() && isReplayable(trouble != Trouble.NOT_SENT) && fallBack(error)) {
                return true;
            }
        }
        if (again == Again.NO) {
            return false;
        }
        Backend failed = Objects.requireNonNull(lease).backend();
        // One that was closed meanwhile starts nothing any more.
        boolean fresh = again == Again.FRESH && !failed.isClosed();
        if (fresh ? !takePlace() : !moveFrom(failed, error.outcome())) {
            return false;
        }
        worker.observer().retried(failed.colour(), error.label());
        connect(fresh);
        goOn();
        return true;
    }

    /** A kept connection that ended says nothing yet: the fresh one that follows tells whether its backend is still there. */
    private void countLost(Trouble trouble, ProxyError error) {
        boolean unanswered = trouble == Trouble.NO_ANSWER;
        if (!reused && (unanswered || (inDoubt && error.outcome().isFailure()))) {
            lost++;
        }
        inDoubt = unanswered && reused;
    }

    private boolean fallBack(ProxyError error) {
        Backend failed = Objects.requireNonNull(lease).backend();
        if (!moveTo(failed.colour().other(), error.outcome())) {
            return false;
        }
        worker.observer().retried(failed.colour(), CANARY_FALLBACK);
        connect(false);
        goOn();
        return true;
    }

    /** Gives the lease of a backend back for that of another one; false if there is none, or no place in the budget. */
    private boolean moveFrom(Backend failed, Outcome outcome) {
        Lease before = Objects.requireNonNull(lease);
        long revision = record.tableRevision;
        StickyTable cookies = sticky;
        RequestRoute.Standing standing = route.standing();
        ProxyError none = takeLease(failed);
        Lease next = lease;
        lease = before;
        if (none == null && next != null) {
            if (next.backend() != failed && takePlace()) {
                before.close(outcome);
                lease = next;
                avoided = failed;
                return true;
            }
            next.close(Outcome.NEUTRAL);
        }
        record.tableRevision = revision;
        sticky = cookies;
        route.restore(standing);
        return false;
    }

    private RetryRules.Attempt attempt() {
        return new RetryRules.Attempt(
                isRepeatable(),
                reused,
                lost,
                !bodyGone && (body == null || body.isKept()),
                record.attemptsMade,
                worker.now() - record.startedAtNanos() - record.waitedNanos);
    }

    /** A place of the budget; the one that is held serves for all further attempts of this exchange. */
    private boolean takePlace() {
        if (!further) {
            further = worker.retries().tryFurther();
            if (!further) {
                worker.observer()
                        .retryRefused(Objects.requireNonNull(lease).backend().colour());
            }
        }
        return further;
    }

    private boolean isRepeatable() {
        return rules.retries().isRepeatable(request.method(), request.find(FieldName.IDEMPOTENCY_KEY) >= 0);
    }

    /** Whether what is sent now may have to be sent again. */
    private boolean maySendAgain() {
        RetryRules retries = rules.retries();
        return record.attemptsMade < retries.attempts() && retries.maySendAgain(isRepeatable(), request.bodyLength());
    }

    private RequestBody body() {
        RequestBody made = body;
        if (made == null) {
            made = new RequestBody(worker.retries(), rules.retries().bodyLimit());
            body = made;
        }
        return made;
    }

    /** Netty would swallow it, and the client would wait for ever. */
    private void giveUpAfter(Throwable fault) {
        LOG.error("a request is given up after a fault of ours", fault);
        owner.onGivenUp(ProxyError.INTERNAL_ERROR);
    }
}
