package dev.turnout.proxy.http;

import org.jspecify.annotations.Nullable;

/**
 * Immutable. The four forms of a request target (RFC 9112 section 3.2). What is sent on is origin-form or {@code *}; an
 * absolute-form gives its authority to Host.
 */
final class RequestTarget {

    private static final byte[] HOST = {'H', 'o', 's', 't'};
    private static final byte[] HTTP = {'h', 't', 't', 'p', ':', '/', '/'};
    private static final byte[] HTTPS = {'h', 't', 't', 'p', 's', ':', '/', '/'};

    private RequestTarget() {}

    /** What is wrong with the form of the target, null if nothing. */
    static @Nullable HeadFault check(Head head) {
        byte[] b = head.bytes();
        int from = head.targetStart();
        int to = head.targetEnd();
        boolean valid;
        if (head.method() == Method.CONNECT) {
            valid = Authority.isValidWithPort(b, from, to);
        } else if (b[from] == '/') {
            valid = true;
        } else if (b[from] == '*') {
            valid = to == from + 1 && head.method() == Method.OPTIONS;
        } else {
            int authority = authorityStart(b, from, to);
            int authorityEnd = authorityEnd(b, authority, to);
            valid = authority > from && authorityEnd > authority && Authority.isValid(b, authority, authorityEnd);
        }
        return valid ? null : HeadFault.BAD_START_LINE;
    }

    /** What is wrong with Host, null if nothing (RFC 9112 section 3.2). */
    static @Nullable HeadFault checkHost(Head head) {
        FieldIndex fields = head.fields();
        if (!fields.saw(FieldName.HOST)) {
            return head.minorVersion() == 0 ? null : HeadFault.BAD_HOST;
        }
        int i = fields.find(FieldName.HOST);
        boolean valid = !fields.sawTwice(FieldName.HOST)
                && Authority.isValid(head.bytes(), fields.valueStart(i), fields.valueEnd(i));
        return valid ? null : HeadFault.BAD_HOST;
    }

    /** Turns an absolute-form into an origin-form and a Host; the head has been read whole and found valid. */
    static void toOriginForm(Head head) {
        byte[] b = head.bytes();
        int from = head.targetStart();
        int to = head.targetEnd();
        if (b[from] == '/' || b[from] == '*' || head.method() == Method.CONNECT) {
            return;
        }
        int authority = authorityStart(b, from, to);
        int authorityEnd = authorityEnd(b, authority, to);
        head.dropAll(FieldName.HOST);
        head.append(HOST, b, authority, authorityEnd);
        if (authorityEnd < to && b[authorityEnd] == '/') {
            head.target(authorityEnd, to);
            return;
        }
        // No path: the last byte of the authority, which Host has by now, makes room for one.
        boolean asterisk = authorityEnd == to && head.method() == Method.OPTIONS;
        head.bytes()[authorityEnd - 1] = (byte) (asterisk ? '*' : '/');
        head.target(authorityEnd - 1, to);
    }

    /** Behind {@code http://} or {@code https://}; {@code from} if neither is there. */
    private static int authorityStart(byte[] b, int from, int to) {
        for (byte[] scheme : new byte[][] {HTTP, HTTPS}) {
            int end = from + scheme.length;
            if (end <= to && Bytes.equalsIgnoringCase(b, from, end, scheme)) {
                return end;
            }
        }
        return from;
    }

    private static int authorityEnd(byte[] b, int from, int to) {
        int i = from;
        while (i < to && b[i] != '/' && b[i] != '?') {
            i++;
        }
        return i;
    }
}
