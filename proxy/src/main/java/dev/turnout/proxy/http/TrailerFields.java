package dev.turnout.proxy.http;

import java.util.Set;

/**
 * Immutable. Which fields may not stand in a trailer (RFC 9110 section 6.5.1): framing, routing, request modifiers,
 * authentication, response control, how content is to be read, and all that Turnout itself sets or acts upon.
 */
final class TrailerFields {

    private static final Set<String> FORBIDDEN = Set.of(
            "accept-ranges",
            "age",
            "authorization",
            "cache-control",
            "expires",
            "location",
            "pragma",
            "proxy-authentication-info",
            "range",
            "retry-after",
            "set-cookie",
            "strict-transport-security",
            "vary",
            "warning",
            "www-authenticate");

    private TrailerFields() {}

    /** Drops what is forbidden; what is left may be passed on. */
    static void dropForbidden(Head trailers) {
        for (int i = 0; i < trailers.fieldCount(); i++) {
            if (isForbidden(trailers, i)) {
                trailers.drop(i);
            }
        }
    }

    private static boolean isForbidden(Head trailers, int i) {
        if (trailers.name(i) != FieldName.OTHER) {
            return true;
        }
        String name = trailers.nameText(i);
        return FORBIDDEN.contains(name)
                || name.startsWith("content-")
                || name.startsWith("if-")
                || name.startsWith("access-control-")
                || name.startsWith("x-turnout-");
    }
}
