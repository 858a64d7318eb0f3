package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. How long a body is (RFC 9112 section 6). Requests and responses that could be read in two ways are refused, so
 * that nothing behind or before Turnout can be made to see other messages than it does.
 */
public final class Framing {

    private static final byte[] CHUNKED_TOKEN = ascii("chunked");
    private static final byte[] CLOSE = ascii("close");
    private static final byte[] KEEP_ALIVE = ascii("keep-alive");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length");
    private static final FieldLine CHUNKED_LINE = FieldLine.of("Transfer-Encoding", "chunked");

    private static final long LONGEST = Long.MAX_VALUE / 2;
    private static final long INVALID = -3;

    private Framing() {}

    /**
     * Writes the framing of a body into a head whose hop-by-hop fields were stripped: one Content-Length, in place if it came,
     * or one Transfer-Encoding, or neither ({@link Head#UNTIL_CLOSE}, and a length of 0 that was not sent).
     *
     * @param bodyLength as {@link Head#bodyLength()}; for a response to HEAD and for 304 it is 0 and the Content-Length that
     *     came stays, for it tells of another body
     */
    public static void append(Head head, long bodyLength) {
        if (bodyLength < 0 || isWithoutLength(head.status())) {
            head.dropAll(FieldName.CONTENT_LENGTH);
            if (bodyLength == Head.CHUNKED) {
                head.append(CHUNKED_LINE);
            }
        } else if (bodyLength > 0 && head.find(FieldName.CONTENT_LENGTH) < 0) {
            appendLength(head, bodyLength);
        }
    }

    /** Appends a Content-Length, of 0 too: for heads made by Turnout. */
    public static void appendLength(Head head, long length) {
        head.append(CONTENT_LENGTH, ascii(Long.toString(length)));
    }

    /** Decides the framing of a request, and whether its connection is kept; null unless it is to be refused. */
    static @Nullable HeadFault ofRequest(Head head) {
        long length = declaredLength(head);
        // What follows a CONNECT may be meant for the tunnel that it does not get, and is never read as a request.
        boolean keepAlive = head.method() != Method.CONNECT && isKeepAlive(head);
        head.framing(length == Head.UNTIL_CLOSE ? 0 : length, keepAlive);
        return faultOf(head, length);
    }

    /** Decides the framing of a response to {@code method}; null unless it is to be refused. */
    static @Nullable HeadFault ofResponse(Head head, Method method) {
        long length = declaredLength(head);
        boolean bodiless = method == Method.HEAD || isWithoutLength(head.status()) || head.status() == 304;
        head.framing(bodiless ? 0 : length, isKeepAlive(head));
        return faultOf(head, length);
    }

    /** 1xx and 204: neither body nor Content-Length (RFC 9110 section 8.6). */
    private static boolean isWithoutLength(int status) {
        return (status >= 100 && status < 200) || status == 204;
    }

    /** Length by the fields; UNTIL_CLOSE if they say nothing, INVALID if they contradict each other or the grammar. */
    private static long declaredLength(Head head) {
        FieldIndex fields = head.fields();
        boolean hasLength = fields.saw(FieldName.CONTENT_LENGTH);
        if (fields.saw(FieldName.TRANSFER_ENCODING)) {
            int i = fields.find(FieldName.TRANSFER_ENCODING);
            boolean chunked = !fields.sawTwice(FieldName.TRANSFER_ENCODING)
                    && head.minorVersion() == 1
                    && Bytes.equalsIgnoringCase(head.bytes(), fields.valueStart(i), fields.valueEnd(i), CHUNKED_TOKEN);
            return chunked && !hasLength ? Head.CHUNKED : INVALID;
        }
        if (!hasLength) {
            return Head.UNTIL_CLOSE;
        }
        int i = fields.find(FieldName.CONTENT_LENGTH);
        return fields.sawTwice(FieldName.CONTENT_LENGTH)
                ? INVALID
                : number(head.bytes(), fields.valueStart(i), fields.valueEnd(i));
    }

    private static @Nullable HeadFault faultOf(Head head, long declaredLength) {
        if (declaredLength != INVALID) {
            return null;
        }
        if (!head.fields().saw(FieldName.TRANSFER_ENCODING)) {
            return HeadFault.BAD_CONTENT_LENGTH;
        }
        return head.fields().saw(FieldName.CONTENT_LENGTH)
                ? HeadFault.AMBIGUOUS_LENGTH
                : HeadFault.BAD_TRANSFER_ENCODING;
    }

    private static long number(byte[] b, int from, int to) {
        long number = from == to ? INVALID : 0;
        for (int i = from; i < to; i++) {
            if (!Bytes.isDigit(b[i]) || number > LONGEST / 10) {
                return INVALID;
            }
            number = number * 10 + b[i] - '0';
        }
        return number > LONGEST ? INVALID : number;
    }

    private static boolean isKeepAlive(Head head) {
        if (!head.fields().saw(FieldName.CONNECTION)) {
            return head.minorVersion() == 1;
        }
        return !head.hasToken(FieldName.CONNECTION, CLOSE)
                && (head.minorVersion() == 1 || head.hasToken(FieldName.CONNECTION, KEEP_ALIVE));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
