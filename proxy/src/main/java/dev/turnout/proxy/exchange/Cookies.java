package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.request.KeyHash;
import dev.turnout.proxy.routing.StickyTable;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Immutable. Cookies of a request, and of its answer (RFC 6265 sections 5.4 and 4.1). */
final class Cookies {

    /** Cookies of one name that are looked at; a browser sends more than two or three only if somebody means harm. */
    private static final int MOST_TRIED = 8;

    private static final byte[] SET_COOKIE = "Set-Cookie".getBytes(StandardCharsets.US_ASCII);

    private Cookies() {}

    /** Has the client keep that one; nothing if it is null. */
    static void set(Head answer, @Nullable String cookie) {
        if (cookie != null) {
            answer.append(SET_COOKIE, cookie.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The first value of that name, without quotes if it has any; null if there is none. */
    static @Nullable String find(Head request, String name) {
        for (int i = request.find(FieldName.COOKIE); i >= 0; i = request.findNext(FieldName.COOKIE, i)) {
            String found = find(request.value(i), name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** {@link KeyHash} of what {@link #find(Head, String)} finds; makes no string. */
    static long hash(Head request, String name) {
        return hash(request, name, null);
    }

    /**
     * The backend that the first cookie of the table's name names that names one at all: left-overs of another path, of a pool
     * that is gone or of another application may stand before it. Makes no string.
     */
    static @Nullable Backend named(Head request, StickyTable table) {
        return table.find(hash(request, table.cookie(), table));
    }

    /** @param table null: the first cookie is the one; else the first that names somebody there */
    private static long hash(Head request, String name, @Nullable StickyTable table) {
        int tried = 0;
        for (int i = request.find(FieldName.COOKIE); i >= 0; i = request.findNext(FieldName.COOKIE, i)) {
            byte[] bytes = request.bytes();
            int end = request.valueEnd(i);
            for (int from = request.valueStart(i); from < end; ) {
                int equals = indexOf(bytes, '=', from, end);
                int semicolon = indexOf(bytes, ';', from, end);
                if (equals < semicolon && isNamed(bytes, from, equals, name)) {
                    long hash = valueHash(bytes, equals + 1, semicolon);
                    tried++;
                    if (table == null || tried == MOST_TRIED || table.find(hash) != null) {
                        return hash;
                    }
                }
                from = semicolon + 1;
            }
        }
        return KeyHash.NONE;
    }

    private static long valueHash(byte[] bytes, int from, int to) {
        int start = skipSpaces(bytes, from, to);
        int end = trimSpaces(bytes, start, to);
        boolean quoted = end - start > 1 && bytes[start] == '"' && bytes[end - 1] == '"';
        return quoted ? KeyHash.of(bytes, start + 1, end - 1) : KeyHash.of(bytes, start, end);
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    private static boolean isNamed(byte[] bytes, int from, int to, String name) {
        int start = skipSpaces(bytes, from, to);
        if (trimSpaces(bytes, start, to) - start != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (bytes[start + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Spaces are what {@link String#trim} takes for them. */
    private static int skipSpaces(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && (bytes[at] & 0xff) <= ' ') {
            at++;
        }
        return at;
    }

    private static int trimSpaces(byte[] bytes, int from, int to) {
        int at = to;
        while (at > from && (bytes[at - 1] & 0xff) <= ' ') {
            at--;
        }
        return at;
    }

    static @Nullable String find(String field, String name) {
        int from = 0;
        while (from < field.length()) {
            int semicolon = field.indexOf(';', from);
            int end = semicolon < 0 ? field.length() : semicolon;
            int equals = field.indexOf('=', from);
            if (equals >= 0
                    && equals < end
                    && field.substring(from, equals).trim().equals(name)) {
                return unquoted(field.substring(equals + 1, end).trim());
            }
            from = end + 1;
        }
        return null;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
