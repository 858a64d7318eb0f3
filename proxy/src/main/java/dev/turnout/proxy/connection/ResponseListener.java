package dev.turnout.proxy.connection;

import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.LongLived;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. What an exchange hears from the backend it was begun on. After {@link #onResponseEnd} or
 * {@link #onFailure} nothing more comes.
 */
public interface ResponseListener {

    /** An interim response (1xx but not 101); the head is valid during the call. */
    void onInformational(Head head);

    /** The final response begins, or a 101; the head is valid during the call and may be edited. */
    void onResponseHead(Head head);

    /** A piece of the body, to be released or passed on. */
    void onResponseBody(ByteBuf data);

    /** The response is whole. */
    void onResponseEnd(@Nullable Head trailers);

    /** Bytes of a tunnel, to be released or passed on. */
    void onTunnelBytes(ByteBuf data);

    /** The backend sends no more through the tunnel, but may take more. */
    void onTunnelEnd();

    /** All that came with one read was told: a good moment to flush. */
    void onReadComplete();

    /** What was written has left; more may be written. */
    void onWritable();

    /** The deadline set last has passed. */
    void onDeadline();

    /** The response will not become whole; the connection is closed. */
    void onFailure(Failure failure);

    /** The operator wants an end of it: see {@code InFlight}. */
    void onAbandon();

    /** What of it may live long; null if it is an exchange like most. */
    default @Nullable LongLived longLived() {
        return null;
    }

    /** The operator wants those that live long to end, as their protocol has it. */
    default void onEnd() {}

    /** It, for people; null if there is nothing to tell. */
    default @Nullable InFlightView view() {
        return null;
    }

    /** What became of the connection. */
    enum Failure {
        /** Closed or reset before one byte of the request was handed to the transport. */
        CLOSED_BEFORE_REQUEST,
        /** Closed or reset before one byte of a response. */
        CLOSED_WITHOUT_RESPONSE,
        /** Closed or reset after the first byte and before the end. */
        CLOSED_IN_RESPONSE,
        /** What came was not HTTP, or could be read in two ways. */
        INVALID_RESPONSE,
        /** Turnout could not go on. */
        OUR_FAULT
    }
}
