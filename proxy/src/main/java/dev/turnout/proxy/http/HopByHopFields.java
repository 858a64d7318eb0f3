package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Immutable. Removes what is meant for one connection only (RFC 9110 section 7.6.1): Connection and the fields it names,
 * Keep-Alive, Proxy-Connection, TE, Transfer-Encoding, Upgrade, HTTP2-Settings, and the credentials and challenges meant for
 * a proxy, Proxy-Authenticate and Proxy-Authorization.
 *
 * <p>Connection may name other fields, which go too, but a sender must not be able to take away what others rely on. These
 * stay though named: every other field Turnout knows (Host, Content-Length, X-Forwarded-*, Forwarded, X-Real-IP,
 * X-Request-Id, Via, Cookie, Expect, Trailer ...), those that say who is asking, from where or under which conditions
 * (Authorization, Origin, Referer, Cache-Control, If-*, Range, Sec-*), and those that say what content is or who may have it
 * (Content-*, Set-Cookie, WWW-Authenticate, Vary, Access-Control-*, Strict-Transport-Security ...).
 */
public final class HopByHopFields {

    private static final FieldName[] DROPPED = {
        FieldName.CONNECTION,
        FieldName.KEEP_ALIVE,
        FieldName.PROXY_CONNECTION,
        FieldName.TE,
        FieldName.TRANSFER_ENCODING,
        FieldName.UPGRADE,
        FieldName.HTTP2_SETTINGS,
        FieldName.PROXY_AUTHENTICATE,
        FieldName.PROXY_AUTHORIZATION
    };

    private static final long DROPPED_BITS =
            Arrays.stream(DROPPED).mapToLong(FieldName::bit).reduce(0, (a, b) -> a | b);

    private static final Set<String> KEPT = Set.of(
            "authorization",
            "cache-control",
            "etag",
            "last-modified",
            "location",
            "origin",
            "range",
            "referer",
            "set-cookie",
            "strict-transport-security",
            "vary",
            "www-authenticate",
            "x-content-type-options",
            "x-frame-options");

    private static final String[] KEPT_PREFIXES = {"access-control-", "content-", "if-", "sec-", "x-turnout-"};

    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);

    private HopByHopFields() {}

    /** Drops them all; quick if there are none. The framing is to be written anew, see {@link Framing#append}. */
    public static void strip(Head head) {
        if (!head.fields().sawAny(DROPPED_BITS)) {
            return;
        }
        for (int i = head.find(FieldName.CONNECTION); i >= 0; i = head.findNext(FieldName.CONNECTION, i)) {
            dropNamed(head, head.valueStart(i), head.valueEnd(i));
        }
        for (FieldName name : DROPPED) {
            head.dropAll(name);
        }
    }

    /** Drops the fields that a value of Connection names. */
    private static void dropNamed(Head head, int from, int to) {
        byte[] b = head.bytes();
        for (int at = from; at < to; ) {
            int end = TokenList.elementEnd(b, at, to);
            if (!TokenList.isElement(b, at, end, CLOSE) && !TokenList.isElement(b, at, end, KEEP_ALIVE)) {
                int start = TokenList.trimStart(b, at, end);
                dropIfAllowed(head, start, TokenList.trimEnd(b, start, end));
            }
            at = end + 1;
        }
    }

    private static void dropIfAllowed(Head head, int from, int to) {
        if (from == to || FieldName.recognise(head.bytes(), from, to) != FieldName.OTHER) {
            return;
        }
        byte[] b = head.bytes();
        String name = new String(b, from, to - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        if (isKept(name)) {
            return;
        }
        byte[] lowerCase = name.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < head.fieldCount(); i++) {
            if (Bytes.equalsIgnoringCase(b, head.nameStart(i), head.nameEnd(i), lowerCase)) {
                head.drop(i);
            }
        }
    }

    private static boolean isKept(String name) {
        return KEPT.contains(name) || Arrays.stream(KEPT_PREFIXES).anyMatch(name::startsWith);
    }
}
