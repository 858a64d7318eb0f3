package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. What an observer may read of a finished exchange; valid only during the call it is passed
 * to. Strings are made on demand: an observer that does not ask costs nothing.
 */
public interface ExchangeView {

    /** The colour that it was routed to last, whether or not a backend of it took it; null if it was routed nowhere. */
    @Nullable
    Colour colour();

    /** The backend of the last attempt, null if none took it. */
    @Nullable
    BackendAddress backend();

    /** Status code sent to the client; 0 if the client left before one was sent. */
    int status();

    /** Whether Turnout made the answer itself. */
    boolean isProxyMade();

    /** ProxyError in kebab case, null if nothing failed. */
    @Nullable
    String error();

    /** Why it went to that colour: {@code normal}, {@code candidate-by-share}, {@code preview} and so on. */
    String routed();

    /** Attempts at backends, 0 if none was reached. */
    int attempts();

    /** Revision of the routing table that sent the last attempt to its backend. */
    long revision();

    /** Unix time of the first byte of the request, in milliseconds. */
    long startedAtMillis();

    /** From the first byte of the request to the last of the answer. */
    long durationNanos();

    /** From the start of the last attempt to the head of the answer; -1 if none came. */
    long responseHeadNanos();

    /** From the first byte of the request to its last; -1 if it did not come whole. */
    long requestNanos();

    /** From the start of the last attempt until the request was sent: 0 on a kept connection; -1 if there was no connection. */
    long connectNanos();

    /** From the head of the answer to its end; -1 if none came. */
    long responseNanos();

    /** Body bytes taken from the client. */
    long requestBytes();

    /** Body bytes sent to the client. */
    long responseBytes();

    String method();

    String target();

    /** Host field or authority, empty if there was none. */
    String host();

    String requestId();

    /** First value of a request field by lower-case name, null if absent. */
    @Nullable
    String requestField(String name);

    /** Address the connection came from. */
    String client();

    /** {@code HTTP/1.1} and so on. */
    String protocol();
}
