package dev.turnout.proxy.fuzz;

import java.util.List;

/**
 * Immutable. One message as {@link ReferenceReader} understood it.
 *
 * @param startLine method, target as it is sent on, or protocol and status
 * @param host of a request: the authority of its target, or the Host field, or empty
 * @param fields {@code name=value}, names in lower case, as they came
 * @param body all bytes of content that are there, as Latin-1
 * @param trailers as the fields; empty unless the end is WHOLE
 */
public record Message(
        String startLine,
        String host,
        boolean keepsConnection,
        List<String> fields,
        String body,
        End end,
        List<String> trailers) {

    /** How a message ends. */
    public enum End {
        WHOLE,
        /** More should have come. */
        CUT,
        /** Whole only if its connection was closed in order, and not reset. */
        BY_CLOSE,
        /** What came is no body. */
        INVALID
    }

    public boolean isWhole() {
        return end == End.WHOLE;
    }

    /** Method of a request. */
    public String method() {
        return startLine.substring(0, startLine.indexOf(' '));
    }

    /** Status of a response. */
    public int status() {
        return Integer.parseInt(startLine.substring(9, 12));
    }

    /** First value of a field, null if it is absent. */
    public String field(String lowerCaseName) {
        return fields.stream()
                .filter(field -> field.startsWith(lowerCaseName + "="))
                .map(field -> field.substring(lowerCaseName.length() + 1))
                .findFirst()
                .orElse(null);
    }
}
