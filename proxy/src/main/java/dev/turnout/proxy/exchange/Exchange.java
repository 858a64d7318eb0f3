package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Framing;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HopByHopFields;
import dev.turnout.proxy.http.Method;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.LongLived;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. One request with its response, in both directions, over one or more attempts. It asks the
 * switchboard once per attempt, holds a lease while an attempt lasts, and is finished exactly once.
 */
public final class Exchange implements Attempts.Owner {

    private static final byte[] REQUEST_ID = "X-Request-Id".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] COLOUR = "X-Turnout-Colour".getBytes(StandardCharsets.US_ASCII);

    private final ExchangeRules rules;
    private final Worker worker;
    private final ClientStream client;
    private final Head request;
    private final ExchangeRecord record;

    private final Attempts attempts;

    private @Nullable Upgrade upgrade;
    private boolean responseBegun;
    private @Nullable Tunnel tunnel;
    /** What of it may live long. */
    private @Nullable LongLived kind;

    private @Nullable EventStreamEnd events;
    /** Null for most: no copy of it was sent to the other colour. */
    private @Nullable MirrorAttempt mirrored;

    private boolean finished;

    /** @param request stays as it is until {@link ClientStream#exchangeDone}; its fields are edited here */
    public Exchange(ExchangeRules rules, Worker worker, ClientStream client, Head request, long startedAtNanos) {
        this.rules = rules;
        this.worker = worker;
        this.client = client;
        this.request = request;
        this.record = new ExchangeRecord(request, client.peer(), client.protocol(), startedAtNanos);
        this.attempts = new Attempts(rules, worker, this, client, request, record);
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
        // A server that leaves things out for a copy must not be told so by a stranger.
        request.dropAll(FieldName.X_TURNOUT_MIRROR);
        if (upgrade != null) {
            upgrade.appendTo(request);
        }
        Framing.append(request, request.bodyLength());
        rules.forwarded().apply(request, client.peer(), worker.requestIds());
        attempts.begin();
        if (!finished && upgrade == null) {
            mirrored = MirrorAttempt.draw(rules, worker, request, record, client);
        }
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
        if (finished) {
            data.release();
            return;
        }
        if (tunnel != null) {
            tunnel.fromClient(data);
            return;
        }
        record.bytesIn += data.readableBytes();
        attempts.body(data);
        if (finished) {
            return;
        }
        BackendConnection to = attempts.connection();
        if (to == null) {
            client.pauseReading();
        } else {
            to.setDeadline(worker.now() + rules.idleNanos());
            if (!to.isWritable()) {
                client.pauseReading();
            }
        }
    }

    /** The request is whole. */
    public void requestEnd(@Nullable Head trailers) {
        record.requestEndedAt = worker.now();
        attempts.end(trailers);
        BackendConnection to = attempts.connection();
        if (to != null) {
            to.setDeadline(worker.now() + patienceNanos());
        }
    }

    /** Hands to the transport what was written towards the backend. */
    public void flushRequest() {
        BackendConnection to = attempts.connection();
        if (to != null) {
            to.flush();
        }
    }

    /** Whether nothing of the request was sent yet because it waits for the end of a hold. */
    public boolean isHeld() {
        return attempts.isHeld();
    }

    /** The client takes more. */
    public void clientWritable() {
        BackendConnection from = attempts.connection();
        if (tunnel != null) {
            tunnel.clientWritable();
        } else if (from != null) {
            if (events == null || !events.isEnding()) {
                from.setDeadline(worker.now() + patienceNanos());
            }
            from.resumeReading();
        }
    }

    /** The client sends no more through the tunnel. */
    public void clientEndedTunnel() {
        if (tunnel != null) {
            tunnel.clientEnd();
            finishTunnelIfOver();
        }
    }

    /** The client's connection is gone. */
    public void clientLeft() {
        fail(ProxyError.CLIENT_LEFT);
    }

    // ---- How the attempts go

    @Override
    public void onGivenUp(ProxyError error) {
        fail(error);
    }

    // ---- What the backend's side tells

    @Override
    public void onInformational(Head head) {
        if (!attempts.isRequestEnded()) {
            attempts.informed();
            connection().setDeadline(worker.now() + rules.idleNanos());
        }
        HopByHopFields.strip(head);
        client.writeInformational(head);
        client.flush();
    }

    @Override
    public void onResponseHead(Head head) {
        Upgrade accepted = head.status() == 101 ? Upgrade.askedFor(head) : null;
        if (head.status() == 101 && (upgrade == null || accepted == null || !upgrade.offers(accepted))) {
            fail(ProxyError.INVALID_RESPONSE);
            return;
        }
        record.lastStatus = head.status();
        if (attempts.triesElsewhere(head.status())) {
            return;
        }
        attempts.answered(head.status());
        responseBegun = true;
        record.statusSent = head.status();
        record.responseHeadAt = worker.now();
        BackendConnection from = connection();
        from.setDeadline(worker.now() + rules.idleNanos());
        mirrorHead(head, from);
        HopByHopFields.strip(head);
        head.dropAll(FieldName.X_TURNOUT_ERROR);
        appendRequestId(head);
        attempts.setCookies(head);
        if (record.routed == Routed.PREVIEW) {
            head.append(COLOUR, from.backend().colour().label().getBytes(StandardCharsets.US_ASCII));
        }
        if (accepted == null) {
            events = EventStreamEnd.of(head);
            if (events != null) {
                kind = LongLived.EVENT_STREAM;
                if (mirrored != null) {
                    mirrored.answerLost();
                }
            }
            client.writeHead(head);
            return;
        }
        accepted.appendTo(head);
        client.writeHead(head);
        attempts.becomeTunnel();
        kind = accepted.isWebSocket() ? LongLived.WEBSOCKET : LongLived.TUNNEL;
        tunnel = new Tunnel(rules, worker, client, from, record, kind == LongLived.WEBSOCKET && rules.endsWebSockets());
        // Last, as it brings what the client has sent already.
        client.becomeTunnel();
    }

    /** An answer of the other colour, which came to help, is none to compare with. */
    private void mirrorHead(Head head, BackendConnection from) {
        MirrorAttempt copy = mirrored;
        if (copy != null && from.backend().colour() == copy.colour()) {
            copy.answerLost();
        } else if (copy != null) {
            copy.answerHead(head, worker.now() - record.sentAt);
        }
    }

    @Override
    public void onResponseBody(ByteBuf data) {
        BackendConnection from = connection();
        record.bytesOut += data.readableBytes();
        if (mirrored != null) {
            mirrored.answerBody(data);
        }
        if (events != null) {
            int before = events.follow(data);
            if (before >= 0) {
                client.writeBody(data.readRetainedSlice(before));
                data.release();
                endStream();
                return;
            }
        }
        if (events == null || !events.isEnding()) {
            from.setDeadline(worker.now() + rules.idleNanos());
        }
        client.writeBody(data);
        if (!finished && !client.isWritable()) {
            from.pauseReading();
        }
    }

    private void endStream() {
        finished = true;
        attempts.cut();
        client.writeEnd(null);
        client.flush();
        finish(Outcome.SUCCESS);
    }

    @Override
    public @Nullable LongLived longLived() {
        boolean ending = finished || (events != null && events.isEnding()) || (tunnel != null && tunnel.isEnding());
        return ending ? null : kind;
    }

    @Override
    public void onEnd() {
        LongLived ended = longLived();
        if (ended == null) {
            return;
        }
        worker.observer().endedByDrain(ended.label());
        if (events != null && events.begin()) {
            connection().setDeadline(worker.now() + Tunnel.GOODBYE_NANOS);
            if (events.isBetweenEvents()) {
                endStream();
            }
        } else if (tunnel == null || !tunnel.end()) {
            fail(ProxyError.DRAIN_DEADLINE);
        }
    }

    @Override
    public InFlightView view() {
        LongLived known = kind;
        Backend at = record.lastBackend;
        return new InFlightView(
                known == null ? "request" : known.label(),
                (worker.now() - record.startedAtNanos()) / 1_000_000,
                record.client(),
                at == null ? "" : at.address().toString(),
                record.method(),
                record.path(),
                record.bytesIn,
                record.bytesOut);
    }

    @Override
    public void onTunnelBytes(ByteBuf data) {
        Objects.requireNonNull(tunnel).fromBackend(data);
    }

    @Override
    public void onTunnelEnd() {
        Objects.requireNonNull(tunnel).backendEnd();
        finishTunnelIfOver();
    }

    private void finishTunnelIfOver() {
        if (!finished && tunnel != null && tunnel.isOver()) {
            finish(Outcome.SUCCESS);
        }
    }

    @Override
    public void onResponseEnd(@Nullable Head trailers) {
        if (mirrored != null) {
            mirrored.answerEnd();
        }
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
        if (tunnel != null) {
            tunnel.backendWritable();
            return;
        }
        connection().setDeadline(worker.now() + patienceNanos());
        client.resumeReading();
    }

    /** How long the next byte may take: the app may think longer than a transfer may rest. */
    private long patienceNanos() {
        return attempts.isBackendsTurn() && !responseBegun ? rules.responseHeadNanos() : rules.idleNanos();
    }

    @Override
    public void onDeadline() {
        BackendConnection late = connection();
        if (tunnel != null) {
            onTunnelDeadline(tunnel);
        } else if (events != null && events.isEnding()) {
            fail(ProxyError.DRAIN_DEADLINE);
        } else if (!attempts.isRequestEnded() && !(attempts.isBackendsTurn() && !responseBegun)) {
            fail(late.isWritable() ? ProxyError.CLIENT_STALLED : ProxyError.BACKEND_STALLED);
        } else if (!responseBegun) {
            if (!attempts.fallsBack(ProxyError.RESPONSE_TIMEOUT)) {
                fail(ProxyError.RESPONSE_TIMEOUT);
            }
        } else if (client.isWritable()) {
            fail(ProxyError.BACKEND_STALLED);
        } else if (client.isTaking()) {
            late.setDeadline(worker.now() + rules.idleNanos());
        } else {
            fail(ProxyError.CLIENT_STALLED);
        }
    }

    private void onTunnelDeadline(Tunnel late) {
        if (!late.isEnding()) {
            fail(ProxyError.TUNNEL_IDLE);
        } else if (late.endNow()) {
            finished = true;
            attempts.cut();
            finish(Outcome.SUCCESS);
        } else {
            fail(ProxyError.DRAIN_DEADLINE);
        }
    }

    @Override
    public void onFailure(Failure failure) {
        if (tunnel != null && failure != Failure.OUR_FAULT) {
            finished = true;
            attempts.cut();
            if (!tunnel.hasBackendEnded()) {
                // Not an end, which would have been told as one: a reset, and it goes to the client as what it is.
                client.abort();
            }
            finish(Outcome.SUCCESS);
            return;
        }
        switch (failure) {
            case CLOSED_BEFORE_REQUEST -> attempts.closedWithoutAnswer(false);
            case CLOSED_WITHOUT_RESPONSE -> attempts.closedWithoutAnswer(true);
            case CLOSED_IN_RESPONSE -> fail(ProxyError.BACKEND_CLOSED);
            case INVALID_RESPONSE -> {
                if (responseBegun || !attempts.fallsBack(ProxyError.INVALID_RESPONSE)) {
                    fail(ProxyError.INVALID_RESPONSE);
                }
            }
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
        attempts.cut();
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
        ErrorForm form = ErrorForm.of(request);
        byte[] body = rules.pages().page(error, form).body(record.requestId());
        Head head = ErrorResponder.head(error, form, body.length);
        appendRequestId(head);
        client.writeHead(head);
        if (request.method() != Method.HEAD) {
            record.bytesOut += body.length;
            client.writeBody(Unpooled.wrappedBuffer(body));
        }
        client.writeEnd(null);
        client.flush();
    }

    private void finish(Outcome outcome) {
        finished = true;
        if (mirrored != null) {
            mirrored.answerLost();
        }
        record.endedAt = worker.now();
        attempts.finish(outcome, tunnel == null);
        Backend backend = record.lastBackend;
        if (backend != null && !record.proxyMade && record.statusSent != 0) {
            backend.countResponse(worker.index(), record.statusSent / 100);
            if (outcome.isFailure() && record.statusSent < 500) {
                backend.countCut(worker.index());
            }
        }
        worker.observer().finished(record);
        client.exchangeDone();
    }

    private BackendConnection connection() {
        return Objects.requireNonNull(attempts.connection());
    }

    private void appendRequestId(Head response) {
        int id = request.find(FieldName.X_REQUEST_ID);
        if (id >= 0 && response.find(FieldName.X_REQUEST_ID) < 0) {
            response.append(REQUEST_ID, request.bytes(), request.valueStart(id), request.valueEnd(id));
        }
    }
}
