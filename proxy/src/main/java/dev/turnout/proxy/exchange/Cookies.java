package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.request.KeyHash;
import org.jspecify.annotations.Nullable;

/** Immutable. Cookies of a request (RFC 6265 section 5.4). */
final class Cookies {

    private Cookies() {}

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
        for (int i = request.find(FieldName.COOKIE); i >= 0; i = request.findNext(FieldName.COOKIE, i)) {
            byte[] bytes = request.bytes();
            int end = request.valueEnd(i);
            for (int from = request.valueStart(i); from < end; ) {
                int equals = indexOf(bytes, '=', from, end);
                int semicolon = indexOf(bytes, ';', from, end);
                if (equals < semicolon && isNamed(bytes, from, equals, name)) {
                    int start = skipSpaces(bytes, equals + 1, semicolon);
                    return KeyHash.of(bytes, start, trimSpaces(bytes, start, semicolon));
                }
                from = semicolon + 1;
            }
        }
        return KeyHash.NONE;
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
                return field.substring(equals + 1, end).trim();
            }
            from = end + 1;
        }
        return null;
    }
}
