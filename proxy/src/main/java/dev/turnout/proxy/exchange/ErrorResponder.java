package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.Head;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Immutable. Turns a ProxyError into an answer: the only place where Turnout speaks for itself. */
final class ErrorResponder {

    private static final byte[] ERROR_FIELD = ascii("X-Turnout-Error");
    private static final byte[] CONTENT_TYPE = ascii("Content-Type");
    private static final byte[] TEXT = ascii("text/plain; charset=utf-8");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length");
    private static final byte[] CACHE_CONTROL = ascii("Cache-Control");
    private static final byte[] NO_STORE = ascii("no-store");
    private static final byte[] RETRY_AFTER = ascii("Retry-After");
    private static final byte[] ONE_SECOND = ascii("1");
    private static final byte[] ALLOW = ascii("Allow");
    static final byte[] ALLOWED = ascii("GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");

    private ErrorResponder() {}

    /** The head of the answer; the body that belongs to it is {@link #body}. */
    static Head head(ProxyError error) {
        Head head = new Head(256);
        head.startResponse(error.status(), error.reason());
        head.append(ERROR_FIELD, ascii(error.label()));
        head.append(CONTENT_TYPE, TEXT);
        head.append(CONTENT_LENGTH, ascii(Integer.toString(text(error).length)));
        head.append(CACHE_CONTROL, NO_STORE);
        if (error.status() == 503 || error == ProxyError.RATE_LIMITED) {
            head.append(RETRY_AFTER, ONE_SECOND);
        }
        if (error == ProxyError.METHOD_NOT_ALLOWED) {
            head.append(ALLOW, ALLOWED);
        }
        return head;
    }

    static ByteBuf body(ProxyError error) {
        return Unpooled.wrappedBuffer(text(error));
    }

    private static byte[] text(ProxyError error) {
        return ascii(error.status() + " " + error.reason() + ": " + error.label() + "\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
