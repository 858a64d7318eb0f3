package dev.turnout.proxy.exchange;

import dev.turnout.config.Colour;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.ConnectionPool;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadWriter;
import dev.turnout.proxy.http.Method;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.mirror.MirroredAnswer;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.RoutingTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. A copy of a request at the idle colour, and what of both answers is compared. Nobody waits for it:
 * the exchange it belongs to only shows it what passes, and its own failures end here.
 */
final class MirrorAttempt implements UnrelayedAnswer, ConnectionPool.Waiter {

    private static final Logger log = LoggerFactory.getLogger(MirrorAttempt.class);

    /** So that a server can tell it from a user. */
    private static final byte[] MARK = "X-Turnout-Mirror: 1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int EMPTY_LINE = 2;

    private final Worker worker;
    private final Mirror mirror;
    private final MirrorOrder order;
    private final Method method;
    private final String path;
    private final String requestId;
    private final ByteBuf head;
    private final Lease lease;
    private final long deadline;
    private final @Nullable InetSocketAddress client;
    private final @Nullable InetSocketAddress reached;

    private final MirroredAnswer answered;
    private final MirroredAnswer copied;
    private @Nullable BackendConnection connection;
    private long sentAt;
    /** The answer that the user gets is told. */
    private boolean answerDone;

    private boolean copyDone;
    /** The place is given back, or will be by the comparison. */
    private boolean over;

    private MirrorAttempt(
            Worker worker,
            Mirror mirror,
            MirrorOrder order,
            Head request,
            ExchangeRecord record,
            ClientStream client,
            Lease lease) {
        this.worker = worker;
        this.mirror = mirror;
        this.order = order;
        this.method = request.method();
        this.path = record.path();
        this.requestId = record.requestId();
        this.lease = lease;
        this.deadline = worker.now() + order.timeout().toNanos();
        boolean named = lease.backend().proxyProtocol() != ProxyProtocol.OFF;
        this.client = named ? client.clientAddress() : null;
        this.reached = named ? client.reachedAddress() : null;
        this.answered = new MirroredAnswer(order);
        this.copied = new MirroredAnswer(order);
        this.head = Unpooled.buffer(HeadWriter.sizeOf(request) + MARK.length);
        HeadWriter.writeRequest(request, head);
        head.writerIndex(head.writerIndex() - EMPTY_LINE).writeBytes(MARK);
    }

    /**
     * Sends a copy if the order draws it; null if there is none. Whatever fails, fails here.
     *
     * @param request as it was sent
     */
    static @Nullable MirrorAttempt draw(
            ExchangeRules rules, Worker worker, Head request, ExchangeRecord record, ClientStream client) {
        RoutingTable table = rules.switchboard().current();
        MirrorOrder order = table.mirror();
        if (order == null || !isWanted(order, table, request, record)) {
            return null;
        }
        Mirror mirror = rules.mirror();
        if (!mirror.enter(order)) {
            return null;
        }
        Colour idle = table.active().other();
        Backend backend = table.pool(idle).pick(record, null);
        if (backend == null) {
            mirror.fail(
                    order, record.method(), record.path(), record.requestId(), idle.label() + " has no usable backend");
            return null;
        }
        Lease lease = backend.tryLease();
        if (lease == null) {
            mirror.skip(order);
            return null;
        }
        MirrorAttempt attempt;
        try {
            attempt = new MirrorAttempt(worker, mirror, order, request, record, client, lease);
        } catch (RuntimeException | Error fault) {
            log.error("a request could not be copied", fault);
            lease.close(Outcome.NEUTRAL);
            mirror.skip(order);
            return null;
        }
        try {
            attempt.connect(false);
        } catch (RuntimeException | Error fault) {
            attempt.failAfter(fault);
        }
        return attempt;
    }

    private static boolean isWanted(MirrorOrder order, RoutingTable table, Head request, ExchangeRecord record) {
        Method method = request.method();
        Backend sentTo = record.lastBackend;
        return (method == Method.GET || method == Method.HEAD || method == Method.OPTIONS)
                && request.bodyLength() == 0
                && request.find(FieldName.EXPECT) < 0
                && sentTo != null
                && sentTo.colour() == table.active()
                && ThreadLocalRandom.current().nextInt(10_000) < order.share();
    }

    /** Where the copy went. */
    Colour colour() {
        return lease.backend().colour();
    }

    // ---- What the user gets

    /**
     * The head of the answer, as the backend sent it.
     *
     * @param nanos since the request was sent
     */
    void answerHead(Head answer, long nanos) {
        if (!answerDone) {
            answered.head(answer.status(), answer::field, nanos);
        }
    }

    /** A piece of its body, which stays as it is. */
    void answerBody(ByteBuf data) {
        if (!answerDone) {
            answered.body(data);
            if (answered.isCutOff()) {
                answerEnd();
            }
        }
    }

    /** It is whole. */
    void answerEnd() {
        if (!answerDone) {
            answerDone = true;
            compareIfBoth();
        }
    }

    /** It will not be: there is nothing to compare with. Every call after the end does nothing. */
    void answerLost() {
        if (!answerDone) {
            answerDone = true;
            if (!over) {
                over = true;
                endCopy(false);
                mirror.skip(order);
            }
        }
    }

    private void compareIfBoth() {
        if (answerDone && copyDone && !over) {
            over = true;
            mirror.compare(order, method.name(), path, requestId, answered, copied);
        }
    }

    // ---- The copy

    private void connect(boolean fresh) {
        BackendConnection idle = fresh ? null : worker.connections().takeIdle(lease.backend());
        if (idle == null) {
            worker.connections().connect(lease.backend(), this);
        } else {
            send(idle);
        }
    }

    @Override
    public void onConnected(BackendConnection opened) {
        if (copyDone || opened.backend().isClosed()) {
            opened.release();
            leaveOut();
        } else {
            try {
                send(opened);
            } catch (RuntimeException | Error fault) {
                failAfter(fault);
            }
        }
    }

    @Override
    public void onConnectFailed(Throwable cause) {
        fail("no connection");
    }

    private void send(BackendConnection to) {
        connection = to;
        sentAt = worker.now();
        to.begin(this, method);
        InetSocketAddress from = client;
        InetSocketAddress at = reached;
        if (from != null && at != null) {
            to.writeProxyHeader(from, at);
        }
        to.writeHead(head.retainedDuplicate());
        to.writeEnd(null);
        to.setDeadline(deadline);
        to.flush();
    }

    @Override
    public void onResponseHead(Head answer) {
        if (answer.status() == 101) {
            fail("an upgrade that nobody asked for");
        } else {
            copied.head(answer.status(), answer::field, worker.now() - sentAt);
        }
    }

    @Override
    public void onResponseBody(ByteBuf data) {
        try {
            copied.body(data);
        } finally {
            data.release();
        }
        if (copied.isCutOff()) {
            endCopy(false);
            compareIfBoth();
        }
    }

    @Override
    public void onResponseEnd(@Nullable Head trailers) {
        endCopy(true);
        compareIfBoth();
    }

    @Override
    public void onDeadline() {
        fail("nothing whole within " + order.timeout().toMillis() + " ms");
    }

    @Override
    public void onFailure(Failure failure) {
        BackendConnection used = connection;
        connection = null;
        boolean stale = failure == Failure.CLOSED_BEFORE_REQUEST || failure == Failure.CLOSED_WITHOUT_RESPONSE;
        if (used != null && used.isReused() && stale && !copyDone) {
            // Closed by the server between two requests: says nothing of the server.
            connect(true);
        } else {
            fail(failure.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
    }

    @Override
    public void onAbandon() {
        leaveOut();
    }

    /** A lack of memory is an {@link Error} in Netty, and the user's own request has nothing to do with it. */
    private void failAfter(Throwable fault) {
        log.error("a request could not be copied", fault);
        fail("a fault of ours");
    }

    private void fail(String why) {
        endCopy(false);
        if (!over) {
            over = true;
            mirror.fail(order, method.name(), path, requestId, why);
        }
    }

    private void leaveOut() {
        endCopy(false);
        if (!over) {
            over = true;
            mirror.skip(order);
        }
    }

    /** Every call but the first does nothing. */
    private void endCopy(boolean reusable) {
        if (copyDone) {
            return;
        }
        copyDone = true;
        // First of all: a lease that is not given back would keep its pool from being drained.
        lease.close(Outcome.NEUTRAL);
        head.release();
        BackendConnection used = connection;
        connection = null;
        if (used != null && reusable) {
            used.release();
        } else if (used != null) {
            used.close();
        }
    }
}
