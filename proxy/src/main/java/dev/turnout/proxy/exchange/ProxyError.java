package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.http.HeadFault;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. The table of everything a client can get from Turnout itself. The name in kebab case is the value of
 * {@code X-Turnout-Error}, the metric label and the word in the access log.
 */
public enum ProxyError {
    BAD_REQUEST(400, "Bad Request", Outcome.NEUTRAL),
    AMBIGUOUS_FRAMING(400, "Bad Request", Outcome.NEUTRAL),
    /** A peer named in proxy-protocol-from did not begin with a PROXY protocol header, or with a bad one. */
    BAD_PROXY_HEADER(400, "Bad Request", Outcome.NEUTRAL),
    BAD_BODY(400, "Bad Request", Outcome.NEUTRAL),
    BODY_TOO_LARGE(413, "Content Too Large", Outcome.NEUTRAL),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed", Outcome.NEUTRAL),
    REQUEST_TIMEOUT(408, "Request Timeout", Outcome.NEUTRAL),
    /** The client sent its body slower than limits.body-rate while it was waited for. */
    BODY_TOO_SLOW(408, "Request Timeout", Outcome.NEUTRAL),
    REQUEST_LINE_TOO_LONG(414, "URI Too Long", Outcome.NEUTRAL),
    HEAD_TOO_LARGE(431, "Request Header Fields Too Large", Outcome.NEUTRAL),
    RATE_LIMITED(429, "Too Many Requests", Outcome.NEUTRAL),
    VERSION_NOT_SUPPORTED(505, "HTTP Version Not Supported", Outcome.NEUTRAL),
    /** The client left before the answer was whole; no status is sent, the log shows 0 or what had been sent. */
    CLIENT_LEFT(0, "", Outcome.NEUTRAL),
    /** The client took nothing for the idle timeout, or sent nothing while its body was awaited. */
    CLIENT_STALLED(408, "Request Timeout", Outcome.NEUTRAL),
    /** Nothing came through a tunnel for timeouts.tunnel, or for timeouts.idle after one side had ended. */
    TUNNEL_IDLE(0, "", Outcome.NEUTRAL),
    NO_BACKEND(503, "Service Unavailable", Outcome.NEUTRAL),
    /** The operator has put up the maintenance page. */
    MAINTENANCE(503, "Service Unavailable", Outcome.NEUTRAL),
    /** Requests wait by order, and there is no room for another one. */
    HOLD_FULL(503, "Service Unavailable", Outcome.NEUTRAL),
    /** Each backend of the pool has as much as it may, and so has the queue before it. */
    BACKENDS_FULL(503, "Service Unavailable", Outcome.NEUTRAL),
    /** Each backend of the pool had as much as it may for as long as a request waits. */
    PENDING_TIMEOUT(503, "Service Unavailable", Outcome.NEUTRAL),
    POOL_DRAINED(503, "Service Unavailable", Outcome.NEUTRAL),
    TOO_MANY_CONNECTIONS(503, "Service Unavailable", Outcome.NEUTRAL),
    TOO_MANY_CONNECTIONS_OF_ADDRESS(503, "Service Unavailable", Outcome.NEUTRAL),
    /** Unfinished or long heads of all clients together take more than their share of the memory. */
    TOO_MANY_LARGE_HEADS(503, "Service Unavailable", Outcome.NEUTRAL),
    TOO_MANY_IN_FLIGHT(503, "Service Unavailable", Outcome.NEUTRAL),
    SHUTTING_DOWN(503, "Service Unavailable", Outcome.NEUTRAL),
    DRAIN_DEADLINE(503, "Service Unavailable", Outcome.NEUTRAL),
    /** Files, ports or memory of this machine are used up: no connection could be opened to a backend. */
    NO_SOCKET(503, "Service Unavailable", Outcome.NEUTRAL),
    CONNECT_FAILED(502, "Bad Gateway", Outcome.CONNECT_FAILURE),
    CONNECT_TIMEOUT(504, "Gateway Timeout", Outcome.TIMEOUT),
    BACKEND_CLOSED(502, "Bad Gateway", Outcome.BROKEN),
    INVALID_RESPONSE(502, "Bad Gateway", Outcome.BROKEN),
    RESPONSE_TIMEOUT(504, "Gateway Timeout", Outcome.TIMEOUT),
    BACKEND_STALLED(504, "Gateway Timeout", Outcome.TIMEOUT),
    INTERNAL_ERROR(500, "Internal Server Error", Outcome.NEUTRAL);

    private final int status;
    private final String reason;
    private final Outcome outcome;
    private final String label;

    ProxyError(int status, String reason, Outcome outcome) {
        this.status = status;
        this.reason = reason;
        this.outcome = outcome;
        this.label = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Status code of the answer; 0 if none is sent. */
    public int status() {
        return status;
    }

    /** Reason phrase of the answer. */
    public String reason() {
        return reason;
    }

    /** What this says of the backend. */
    public Outcome outcome() {
        return outcome;
    }

    /** The name in kebab case. */
    public String label() {
        return label;
    }

    /** All labels, for metrics. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(ProxyError::label).toList();
    }

    /** The answer to a request that could not be read. */
    public static ProxyError of(@Nullable HeadFault fault) {
        if (fault == null) {
            return BAD_REQUEST;
        }
        return switch (fault) {
            case START_LINE_TOO_LONG -> REQUEST_LINE_TOO_LONG;
            case HEAD_TOO_LARGE, TOO_MANY_FIELDS -> HEAD_TOO_LARGE;
            case BAD_VERSION -> VERSION_NOT_SUPPORTED;
            case AMBIGUOUS_LENGTH, BAD_CONTENT_LENGTH, BAD_TRANSFER_ENCODING -> AMBIGUOUS_FRAMING;
            case BAD_CHUNK, BAD_TRAILER -> BAD_BODY;
            case BAD_START_LINE, BAD_FIELD_NAME, BAD_FIELD_VALUE, OBS_FOLD, BAD_LINE_END, BAD_HOST -> BAD_REQUEST;
        };
    }
}
