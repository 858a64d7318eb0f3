package dev.turnout.proxy.frontend;

import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.exchange.ProxyError;
import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. What one client connection may ask for: how many requests, how often, how many of all are under way,
 * how long a body may be and how slowly it may come.
 */
final class RequestGate {

    private final ListenerContext listener;
    private final Worker worker;
    private final BodyRate rate;
    private int requests;
    private long bodyBytes;
    /** Counted among the requests in flight. */
    private boolean counted;

    RequestGate(ListenerContext listener, Worker worker) {
        this.listener = listener;
        this.worker = worker;
        this.rate = new BodyRate(listener.bodyRate());
    }

    /** Counts a request; whether it is the last that this connection may bring. */
    boolean isLast() {
        return listener.isLastRequest(++requests);
    }

    /** Why a request, though its head is sound, goes to no backend; null if it may go, and {@link #done} follows. */
    @Nullable
    ProxyError refusal(Head head, ClientPeer peer) {
        if (head.bodyLength() > listener.maxBody()) {
            return ProxyError.BODY_TOO_LARGE;
        }
        if (listener.rateLimit().isEnabled()
                && !peer.isTrusted()
                && !listener.rateLimit().tryTake(RateLimit.keyOf(peer.inetAddress()), worker.now())) {
            return ProxyError.RATE_LIMITED;
        }
        counted = listener.inFlight().begin(worker.index());
        return counted ? null : ProxyError.TOO_MANY_IN_FLIGHT;
    }

    /** The exchange is over, whether it was counted or not. */
    void done() {
        if (counted) {
            counted = false;
            listener.inFlight().end(worker.index());
        }
    }

    /** The body of a request begins. */
    void beginBody(Head head) {
        bodyBytes = 0;
        rate.start(head.find(FieldName.EXPECT) >= 0);
    }

    /** So much of it has come; whether that is more than it may be. */
    boolean isTooLong(int more) {
        bodyBytes += more;
        rate.add(more);
        return bodyBytes > listener.maxBody();
    }

    /** From now on it is not the client that is waited for. */
    void pauseBody() {
        rate.pause();
    }

    void resumeBody() {
        rate.resume();
    }

    /** An interim answer went to the client: if it waited for that, it waits no longer. */
    void permitBody() {
        rate.permit();
    }

    /** Ends a window of {@link BodyRate#WINDOW_NANOS}; whether too little has come in it. */
    boolean isTooSlow() {
        return rate.isTooSlow();
    }
}
