package dev.turnout.proxy.http;

/** Immutable. Request methods we act upon; any other token is {@code OTHER} and passes. */
public enum Method {
    GET,
    HEAD,
    POST,
    PUT,
    DELETE,
    OPTIONS,
    PATCH,
    TRACE,
    CONNECT,
    OTHER;

    /** The constant for a method; case counts (RFC 9110 section 9.1). */
    static Method recognise(byte[] b, int from, int to) {
        return switch (to - from) {
            case 3 -> is(b, from, "GET") ? GET : is(b, from, "PUT") ? PUT : OTHER;
            case 4 -> is(b, from, "POST") ? POST : is(b, from, "HEAD") ? HEAD : OTHER;
            case 5 -> is(b, from, "PATCH") ? PATCH : is(b, from, "TRACE") ? TRACE : OTHER;
            case 6 -> is(b, from, "DELETE") ? DELETE : OTHER;
            case 7 -> is(b, from, "OPTIONS") ? OPTIONS : is(b, from, "CONNECT") ? CONNECT : OTHER;
            default -> OTHER;
        };
    }

    private static boolean is(byte[] b, int from, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (b[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** RFC 9110 section 9.2.2. */
    public boolean isIdempotent() {
        return switch (this) {
            case GET, HEAD, PUT, DELETE, OPTIONS, TRACE -> true;
            case POST, PATCH, CONNECT, OTHER -> false;
        };
    }
}
