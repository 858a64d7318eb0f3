package dev.turnout.proxy.http;

/** Immutable. Whether bytes are {@code uri-host [ ":" port ]} (RFC 9110 section 7.2, RFC 3986 section 3.2). */
final class Authority {

    private static final boolean[] IN_BRACKETS = Bytes.table("0123456789abcdefABCDEF:.", false);

    private Authority() {}

    /**
     * Whether the slice is a host, perhaps with a port. A name with a comma, user information and address literals of later
     * versions of IP are refused, though the grammar has them.
     */
    static boolean isValid(byte[] b, int from, int to) {
        int hostEnd = hostEnd(b, from, to);
        return hostEnd == to || (hostEnd > from && b[hostEnd] == ':' && isPort(b, hostEnd + 1, to));
    }

    /** As {@link #isValid}, with a port that must be there: the target of CONNECT. */
    static boolean isValidWithPort(byte[] b, int from, int to) {
        int hostEnd = hostEnd(b, from, to);
        return hostEnd > from && hostEnd + 1 < to && isValid(b, from, to);
    }

    /** Behind the last byte of the host that begins at {@code from}; {@code from} if none does. */
    private static int hostEnd(byte[] b, int from, int to) {
        if (from == to || b[from] != '[') {
            return Bytes.skip(Bytes.HOST, b, from, to);
        }
        int close = Bytes.skip(IN_BRACKETS, b, from + 1, to);
        return close < to && b[close] == ']' && close > from + 2 ? close + 1 : from;
    }

    private static boolean isPort(byte[] b, int from, int to) {
        int port = 0;
        for (int i = from; i < to; i++) {
            if (!Bytes.isDigit(b[i]) || i - from >= 5) {
                return false;
            }
            port = port * 10 + b[i] - '0';
        }
        return port <= 0xffff;
    }
}
