package dev.turnout.proxy.exchange;

import dev.turnout.config.Colour;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.LatencyGauge;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.ConnectionPool;
import dev.turnout.proxy.connection.NoSlotException;
import dev.turnout.proxy.connection.NoSocketException;
import dev.turnout.proxy.connection.ResponseListener;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.exchange.RetryRules.Again;
import dev.turnout.proxy.exchange.RetryRules.Trouble;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.release.Routed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ConnectTimeoutException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. The attempts of one exchange, one after the other: has a backend chosen, holds its lease, gets a
 * connection, sends the request, and after a failure decides by {@link RetryRules} and the retry budget whether there is
 * another. Has a {@link BackendChoice} made anew for each, but for a stale connection.
 */
final class Attempts implements ConnectionPool.Waiter, BackendChoice.Owner {

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
    private final BackendChoice choice;

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
        this.choice = new BackendChoice(rules, worker, this, record, route);
    }

    /** The first one, which waits while a hold is in force; or a further one anew, whose backend was drained before it was sent. */
    void begin() {
        ProxyError none = choice.take(avoided);
        Lease taken = choice.taken();
        lease = taken;
        if (none != null) {
            owner.onGivenUp(none);
        } else if (taken != null) {
            if (!counted) {
                counted = true;
                worker.retries().exchangeBegan();
            }
            if (record.attemptsMade == 0) {
                beginFirst(taken.backend());
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
        return choice.isWaiting();
    }

    /** Has the client told who it is, and with which backend it is to stay, if it did not say so itself. */
    void setCookies(Head answer) {
        choice.setCookies(request, answer, Objects.requireNonNull(lease).backend());
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
        if (choice.isHeld()) {
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
        choice.leave();
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

    // ---- Waiting for a backend

    @Override
    public void onWait() {
        leaveBudget();
        if (!requestEnded) {
            client.pauseReading();
        }
    }

    @Override
    public void onTurn() {
        try {
            begin();
            goOn();
        } catch (RuntimeException | Error fault) {
            giveUpAfter(fault);
        }
    }

    @Override
    public void onGivenUp(ProxyError error) {
        owner.onGivenUp(error);
    }

    @Override
    public long heldBytes() {
        return request.bytes().length + (body == null ? 0 : body.waitingBytes());
    }

    /** What was on its way already when reading was paused. */
    private void holdBody(ByteBuf data) {
        if (!choice.hold(body().holdCopy(data))) {
            owner.onGivenUp(ProxyError.HOLD_FULL);
        }
    }

    // ---- One attempt

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
            record.lastBackend = null;
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

    /** The colour that is asked after an answer with this status, null if it is to be passed on. */
    private @Nullable Colour otherColourFor(int status) {
        Colour from = Objects.requireNonNull(lease).backend().colour();
        if (status >= 500) {
            return route.mayFallBack() && isReplayable(true) ? from.other() : null;
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
        if (!route.mayFallBack() || !isReplayable(true)) {
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
        BackendChoice.Memo memo = choice.memo();
        route.divert(other);
        Lease next = takeAnother(null);
        if (next != null && next.backend().colour() == other) {
            changeLease(next, outcome);
            return true;
        }
        stay(memo, next);
        return false;
    }

    /** None if it would have to wait. */
    private @Nullable Lease takeAnother(@Nullable Backend tried) {
        return choice.take(tried) == null ? choice.taken() : null;
    }

    private void changeLease(Lease next, Outcome outcome) {
        Objects.requireNonNull(lease).close(outcome);
        lease = next;
    }

    private void stay(BackendChoice.Memo memo, @Nullable Lease unused) {
        if (unused != null) {
            unused.close(Outcome.NEUTRAL);
        }
        choice.restore(memo);
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
            if (route.mayFallBack() && isReplayable(trouble != Trouble.NOT_SENT) && fallBack(error)) {
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
        BackendChoice.Memo memo = choice.memo();
        Lease next = takeAnother(failed);
        if (next != null && next.backend() != failed && takePlace()) {
            changeLease(next, outcome);
            avoided = failed;
            return true;
        }
        stay(memo, next);
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
