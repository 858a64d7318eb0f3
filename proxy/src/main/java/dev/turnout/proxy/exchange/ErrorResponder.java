package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.Head;
import java.nio.charset.StandardCharsets;

/** Immutable. The heads of the answers that Turnout makes of a ProxyError; their bodies are {@link ErrorPages}. */
final class ErrorResponder {

    private static final byte[] ERROR_FIELD = ascii("X-Turnout-Error");
    private static final byte[] CONTENT_TYPE = ascii("Content-Type");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length");
    private static final byte[] CACHE_CONTROL = ascii("Cache-Control");
    private static final byte[] NO_STORE = ascii("no-store");
    private static final byte[] VARY = ascii("Vary");
    private static final byte[] ACCEPT = ascii("Accept");
    private static final byte[] RETRY_AFTER = ascii("Retry-After");
    private static final byte[] ONE_SECOND = ascii("1");
    private static final byte[] ALLOW = ascii("Allow");
    static final byte[] ALLOWED = ascii("GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");

    private ErrorResponder() {}

    /** The head of the answer whose body is {@code length} bytes in this form. */
    static Head head(ProxyError error, ErrorForm form, int length) {
        Head head = new Head(256);
        head.startResponse(error.status(), error.reason());
        head.append(ERROR_FIELD, ascii(error.label()));
        head.append(CONTENT_TYPE, form.contentType());
        head.append(CONTENT_LENGTH, ascii(Integer.toString(length)));
        head.append(CACHE_CONTROL, NO_STORE);
        head.append(VARY, ACCEPT);
        if (error.status() == 503 || error == ProxyError.RATE_LIMITED) {
            head.append(RETRY_AFTER, ONE_SECOND);
        }
        if (error == ProxyError.METHOD_NOT_ALLOWED) {
            head.append(ALLOW, ALLOWED);
        }
        return head;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
