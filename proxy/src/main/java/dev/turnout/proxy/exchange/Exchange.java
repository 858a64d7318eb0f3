package dev.turnout.proxy.exchange;

import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.ConnectionPool;
import dev.turnout.proxy.connection.ResponseListener;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Framing;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HopByHopFields;
import dev.turnout.proxy.http.Method;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ConnectTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. One request with its response, in both directions, over one or more attempts. It asks the
 * switchboard once per attempt, holds a lease while an attempt lasts, and is finished exactly once.
 */
public final class Exchange implements ResponseListener, ConnectionPool.Waiter {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private static final byte[] REQUEST_ID = "X-Request-Id".getBytes(StandardCharsets.US_ASCII);

    private final ExchangeRules rules;
    private final Worker worker;
    private final ClientStream client;
    private final Head request;
    private final ExchangeRecord record;

    /** Body that came before there was a connection; null until needed. */
    private @Nullable ArrayDeque<ByteBuf> held;

    private @Nullable Head requestTrailers;
    private @Nullable Lease lease;
    private @Nullable BackendConnection connection;
    private @Nullable Upgrade upgrade;
    private boolean requestEnded;
    private boolean responseBegun;
    private boolean tunnel;
    private boolean finished;

    /** @param request stays as it is until {@link ClientStream#exchangeDone}; its fields are edited here */
    public Exchange(ExchangeRules rules, Worker worker, ClientStream client, Head request, long startedAtNanos) {
        this.rules = rules;
        this.worker = worker;
        this.client = client;
        this.request = request;
        this.record = new ExchangeRecord(request, client.peer(), client.protocol(), startedAtNanos);
        worker.observer().started();
    }

    // ---- What the client's side tells

    /** The head of the request is read and sound: routes it and begins the first attempt. */
    public void start() {
        Method method = request.method();
        if (method == Method.CONNECT || method == Method.TRACE) {
            fail(ProxyError.METHOD_NOT_ALLOWED);
            return;
        }
        switch (OwnAnswers.decide(request)) {
            case PASS_ON -> {}
            case ANSWER -> {
                answer(OwnAnswers.options());
                return;
            }
            case REFUSE -> {
                fail(ProxyError.BAD_REQUEST);
                return;
            }
        }
        upgrade = Upgrade.askedFor(request);
        HopByHopFields.strip(request);
        if (upgrade != null) {
            upgrade.appendTo(request);
        }
        Framing.append(request, request.bodyLength());
        rules.forwarded().apply(request, client.peer(), worker.requestIds());
        attempt(null, false);
    }

    /** Answers a request in a backend's place, without a body. */
    private void answer(Head head) {
        record.proxyMade = true;
        record.statusSent = head.status();
        appendRequestId(head);
        client.writeHead(head);
        client.writeEnd(null);
        client.flush();
        finish(Outcome.NEUTRAL);
    }

    /** Answers a request that is not to be passed on. */
    public void refuse(ProxyError error) {
        fail(error);
    }

    /** A piece of the request's body, or bytes for the tunnel; takes it over. */
    public void requestBody(ByteBuf data) {
        BackendConnection to = connection;
        if (finished) {
            data.release();
        } else if (to == null) {
            if (held == null) {
                held = new ArrayDeque<>(2);
            }
            held.add(data);
            client.pauseReading();
        } else {
            record.bytesIn += data.readableBytes();
            to.writeBody(data);
            to.setDeadline(worker.now() + rules.idleNanos());
            if (!to.isWritable()) {
                client.pauseReading();
            }
        }
    }

    /** The request is whole. */
    public void requestEnd(@Nullable Head trailers) {
        requestEnded = true;
        requestTrailers = trailers;
        if (connection != null) {
            connection.writeEnd(trailers);
            connection.setDeadline(worker.now() + patienceNanos());
        }
    }

    /** Hands to the transport what was written towards the backend. */
    public void flushRequest() {
        if (connection != null) {
            connection.flush();
        }
    }

    /** The client takes more. */
    public void clientWritable() {
        if (connection != null) {
            connection.setDeadline(worker.now() + patienceNanos());
            connection.resumeReading();
        }
    }

    /** The client sends no more through the tunnel. */
    public void clientEndedTunnel() {
        if (connection != null) {
            connection.shutdownOutput();
        }
    }

    /** The client's connection is gone. */
    public void clientLeft() {
        fail(ProxyError.CLIENT_LEFT);
    }

    /** Whether bytes pass as they are. */
    public boolean isTunnel() {
        return tunnel;
    }

    // ---- Attempts

    /**
     * Chooses a backend and sends the request there.
     *
     * @param tried the backend of the last attempt, to be avoided
     * @param fresh only a new connection will do
     */
    private void attempt(@Nullable Backend tried, boolean fresh) {
        RoutingTable table = rules.switchboard().current();
        Backend backend;
        while (true) {
            record.tableRevision = table.revision();
            if (table.maintenance() && record.attemptsMade == 0) {
                fail(ProxyError.MAINTENANCE);
                return;
            }
            Pool pool = table.route(record);
            backend = pool.balancer().pick(record, tried);
            if (backend == null) {
                fail(ProxyError.NO_BACKEND);
                return;
            }
            lease = backend.tryLease();
            if (lease != null) {
                break;
            }
            // Closed since the table was read: there is a newer table, or the pool is drained by order.
            RoutingTable newer = rules.switchboard().current();
            if (isSame(newer, table)) {
                fail(ProxyError.POOL_DRAINED);
                return;
            }
            table = newer;
        }
        record.lastBackend = backend;
        record.attemptAt = worker.now();
        BackendConnection idle = fresh ? null : worker.connections().takeIdle(backend);
        if (idle != null) {
            sendOn(idle);
        } else {
            if (!requestEnded) {
                client.pauseReading();
            }
            worker.connections().connect(backend, this);
        }
    }

    @Override
    public void onConnected(BackendConnection opened) {
        try {
            connected(opened);
        } catch (RuntimeException | Error fault) {
            opened.close();
            failAfter(fault);
        }
    }

    @Override
    public void onConnectFailed(Throwable cause) {
        try {
            connectFailed(cause);
        } catch (RuntimeException | Error fault) {
            failAfter(fault);
        }
    }

    /** Netty would swallow it, and the client would wait for ever. */
    private void failAfter(Throwable fault) {
        LOG.error("a request is given up after a fault of ours", fault);
        fail(ProxyError.INTERNAL_ERROR);
    }

    private void connected(BackendConnection opened) {
        if (finished) {
            opened.release();
            return;
        }
        if (opened.backend().isClosed()) {
            // Drained while the connection was opened. Nothing was sent, so the request starts on the other colour.
            opened.release();
            endLease(Outcome.NEUTRAL);
            attempt(null, false);
        } else {
            sendOn(opened);
        }
        goOn();
    }

    private void connectFailed(Throwable cause) {
        if (finished) {
            return;
        }
        ProxyError error =
                cause instanceof ConnectTimeoutException ? ProxyError.CONNECT_TIMEOUT : ProxyError.CONNECT_FAILED;
        record.attemptsMade++;
        retry(error, false);
        goOn();
    }

    /** After the wait for a connection: sends what was held, and reads the client again. */
    private void goOn() {
        if (connection != null) {
            connection.flush();
            client.resumeReading();
        }
    }

    @SuppressWarnings("ReferenceEquality") // the question is whether the pointer moved, not what it points to
    private static boolean isSame(RoutingTable a, RoutingTable b) {
        return a == b;
    }

    /** Begins another attempt after one that cannot have acted, or gives up with {@code error}. */
    private void retry(ProxyError error, boolean fresh) {
        Backend failed = Objects.requireNonNull(record.lastBackend);
        // After a switch it is another pool, whose only backend may well be a different one.
        Pool next = rules.switchboard().current().route(record);
        boolean alone = !fresh && next.colour() == failed.colour() && next.usable() < 2;
        if (record.attemptsMade >= ExchangeRules.MAX_ATTEMPTS || alone) {
            fail(error);
            return;
        }
        endLease(error.outcome());
        worker.observer().retried(failed.colour(), error.label());
        attempt(fresh ? null : failed, fresh);
    }

    private void sendOn(BackendConnection to) {
        connection = to;
        record.attemptsMade++;
        to.begin(this, request.method());
        if (to.backend().proxyProtocol() != ProxyProtocol.OFF) {
            to.writeProxyHeader(client.clientAddress(), client.reachedAddress());
        }
        to.writeHead(request);
        ArrayDeque<ByteBuf> pieces = held;
        held = null;
        if (pieces != null) {
            for (ByteBuf piece : pieces) {
                record.bytesIn += piece.readableBytes();
                to.writeBody(piece);
            }
        }
        if (requestEnded) {
            to.writeEnd(requestTrailers);
        }
        to.setDeadline(worker.now() + patienceNanos());
    }

    // ---- What the backend's side tells

    @Override
    public void onInformational(Head head) {
        HopByHopFields.strip(head);
        client.writeInformational(head);
        client.flush();
    }

    @Override
    public void onResponseHead(Head head) {
        if (head.status() == 101 && upgrade == null) {
            fail(ProxyError.INVALID_RESPONSE);
            return;
        }
        responseBegun = true;
        record.statusSent = head.status();
        record.responseHeadAt = worker.now();
        BackendConnection from = Objects.requireNonNull(connection);
        from.setDeadline(worker.now() + rules.idleNanos());
        Upgrade accepted = head.status() == 101 ? Upgrade.askedFor(head) : null;
        HopByHopFields.strip(head);
        head.dropAll(FieldName.X_TURNOUT_ERROR);
        appendRequestId(head);
        if (head.status() != 101) {
            client.writeHead(head);
            return;
        }
        if (accepted != null) {
            accepted.appendTo(head);
        }
        tunnel = true;
        client.writeHead(head);
        client.becomeTunnel();
        from.becomeTunnel();
        Objects.requireNonNull(lease).becomeTunnel();
    }

    @Override
    public void onResponseBody(ByteBuf data) {
        BackendConnection from = Objects.requireNonNull(connection);
        record.bytesOut += data.readableBytes();
        from.setDeadline(worker.now() + rules.idleNanos());
        client.writeBody(data);
        if (!finished && !client.isWritable()) {
            from.pauseReading();
        }
    }

    @Override
    public void onTunnelBytes(ByteBuf data) {
        onResponseBody(data);
    }

    @Override
    public void onResponseEnd(@Nullable Head trailers) {
        client.writeEnd(trailers);
        client.flush();
        finish(record.statusSent >= 500 ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
    }

    @Override
    public void onReadComplete() {
        client.flush();
    }

    @Override
    public void onWritable() {
        Objects.requireNonNull(connection).setDeadline(worker.now() + patienceNanos());
        client.resumeReading();
    }

    /** How long the next byte may take: the app may think longer than a transfer may rest. */
    private long patienceNanos() {
        return requestEnded && !responseBegun ? rules.responseHeadNanos() : rules.idleNanos();
    }

    @Override
    public void onDeadline() {
        BackendConnection late = Objects.requireNonNull(connection);
        if (tunnel) {
            finished = true;
            client.abort();
            finish(Outcome.SUCCESS);
        } else if (!requestEnded) {
            fail(late.isWritable() ? ProxyError.CLIENT_STALLED : ProxyError.BACKEND_STALLED);
        } else if (!responseBegun) {
            fail(ProxyError.RESPONSE_TIMEOUT);
        } else if (client.isWritable()) {
            fail(ProxyError.BACKEND_STALLED);
        } else if (client.isTaking()) {
            late.setDeadline(worker.now() + rules.idleNanos());
        } else {
            fail(ProxyError.CLIENT_STALLED);
        }
    }

    @Override
    public void onFailure(Failure failure) {
        BackendConnection closed = Objects.requireNonNull(connection);
        connection = null;
        if (tunnel) {
            client.flush();
            client.shutdownOutput();
            finish(Outcome.SUCCESS);
            return;
        }
        switch (failure) {
            case CLOSED_WITHOUT_RESPONSE -> {
                // A kept connection that the backend closed as the request was on its way: nobody acted on it, or if
                // somebody did, doing it twice does no harm (RFC 9110 section 9.2.2).
                if (closed.isReused()
                        && request.method().isIdempotent()
                        && request.bodyLength() == 0
                        && record.attemptsMade < ExchangeRules.MAX_ATTEMPTS) {
                    retry(ProxyError.BACKEND_CLOSED, true);
                } else {
                    fail(ProxyError.BACKEND_CLOSED);
                }
            }
            case CLOSED_IN_RESPONSE -> fail(ProxyError.BACKEND_CLOSED);
            case INVALID_RESPONSE -> fail(ProxyError.INVALID_RESPONSE);
            case OUR_FAULT -> fail(ProxyError.INTERNAL_ERROR);
        }
    }

    @Override
    public void onAbandon() {
        fail(ProxyError.DRAIN_DEADLINE);
    }

    // ---- The end

    private void fail(ProxyError error) {
        if (finished) {
            return;
        }
        // Set before anything is closed: that the client is gone then is news of our own making.
        finished = true;
        record.failedWith = error;
        if (connection != null) {
            connection.close();
            connection = null;
        }
        try {
            if (responseBegun || error.status() == 0) {
                client.abort();
            } else {
                respond(error);
            }
        } finally {
            finish(error.outcome());
        }
    }

    private void respond(ProxyError error) {
        record.proxyMade = true;
        record.statusSent = error.status();
        Head head = ErrorResponder.head(error);
        appendRequestId(head);
        client.writeHead(head);
        if (request.method() != Method.HEAD) {
            ByteBuf body = ErrorResponder.body(error);
            record.bytesOut += body.readableBytes();
            client.writeBody(body);
        }
        client.writeEnd(null);
        client.flush();
    }

    private void finish(Outcome outcome) {
        finished = true;
        // First of all: whatever fails below, a lease that is not given back would keep its pool from being drained.
        endLease(outcome);
        record.endedAt = worker.now();
        BackendConnection used = connection;
        connection = null;
        if (used != null) {
            if (requestEnded && !tunnel) {
                used.release();
            } else {
                used.close();
            }
        }
        if (held != null) {
            held.forEach(ByteBuf::release);
            held = null;
        }
        Backend backend = record.lastBackend;
        if (backend != null && !record.proxyMade && record.statusSent != 0) {
            backend.countResponse(worker.index(), record.statusSent / 100);
        }
        worker.observer().finished(record);
        client.exchangeDone();
    }

    private void endLease(Outcome outcome) {
        Lease ended = lease;
        if (ended != null) {
            lease = null;
            ended.close(outcome);
        }
    }

    private void appendRequestId(Head response) {
        int id = request.find(FieldName.X_REQUEST_ID);
        if (id >= 0 && response.find(FieldName.X_REQUEST_ID) < 0) {
            response.append(REQUEST_ID, request.bytes(), request.valueStart(id), request.valueEnd(id));
        }
    }
}
