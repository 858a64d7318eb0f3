package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
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
