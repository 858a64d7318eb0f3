package dev.turnout.proxy.http;

/** Immutable. Reading comma separated lists of tokens (RFC 9110 section 5.6.1) in place. */
final class TokenList {

    private TokenList() {}

    /** Position of the comma that ends the element at {@code at}, or {@code end}. */
    static int elementEnd(byte[] b, int at, int end) {
        int i = at;
        while (i < end && b[i] != ',') {
            i++;
        }
        return i;
    }

    /** Whether the element between two commas is this token; white space around it and case are ignored. */
    static boolean isElement(byte[] b, int from, int to, byte[] lowerCaseToken) {
        int start = trimStart(b, from, to);
        return Bytes.equalsIgnoringCase(b, start, trimEnd(b, start, to), lowerCaseToken);
    }

    static int trimStart(byte[] b, int from, int to) {
        int i = from;
        while (i < to && Bytes.isSpace(b[i])) {
            i++;
        }
        return i;
    }

    static int trimEnd(byte[] b, int from, int to) {
        int i = to;
        while (i > from && Bytes.isSpace(b[i - 1])) {
            i--;
        }
        return i;
    }
}
