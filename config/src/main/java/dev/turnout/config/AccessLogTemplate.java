package dev.turnout.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Immutable. A line of the access log as the operator wants it: text with {@code ${field}} in it. */
public record AccessLogTemplate(List<Part> parts) {

    /** What a line can show; the name in the template is the constant in lower case with dashes. */
    public enum Field {
        TIME,
        CLIENT,
        METHOD,
        HOST,
        TARGET,
        PATH,
        PROTOCOL,
        STATUS,
        COLOUR,
        BACKEND,
        ROUTED,
        ATTEMPTS,
        REVISION,
        DURATION_MS,
        REQUEST_MS,
        CONNECT_MS,
        RESPONSE_HEAD_MS,
        RESPONSE_MS,
        REQUEST_BYTES,
        RESPONSE_BYTES,
        REQUEST_ID,
        ERROR,
        USER_AGENT,
        REFERER,
        TRACEPARENT;

        /** The name in a template. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Immutable. A piece of a template. */
    public sealed interface Part {}

    /** Immutable. Stands in the line as it is. */
    public record Text(String text) implements Part {}

    /** Immutable. Something known of the exchange. */
    public record Known(Field field) implements Part {}

    /** Immutable. The first value of a field of the request, by its name in lower case. */
    public record RequestField(String name) implements Part {}

    private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]*)}");
    private static final String REQUEST_FIELD = "request.field.";

    public AccessLogTemplate {
        parts = List.copyOf(parts);
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if it names a field that is not known, or a brace is missing
     */
    public static AccessLogTemplate parse(String text) {
        if (text.isBlank() || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("not one line");
        }
        List<Part> parts = new ArrayList<>();
        Matcher place = PLACE.matcher(text);
        int end = 0;
        while (place.find()) {
            addText(parts, text.substring(end, place.start()));
            parts.add(part(place.group(1)));
            end = place.end();
        }
        addText(parts, text.substring(end));
        return new AccessLogTemplate(parts);
    }

    /** What a template may name, for messages. */
    public static String expected() {
        return "one line with ${...} of "
                + Arrays.stream(Field.values()).map(Field::label).collect(Collectors.joining(", "))
                + ", request.field.NAME";
    }

    private static void addText(List<Part> parts, String text) {
        if (text.contains("${")) {
            throw new IllegalArgumentException("a brace is missing");
        }
        if (!text.isEmpty()) {
            parts.add(new Text(text));
        }
    }

    private static Part part(String name) {
        if (name.startsWith(REQUEST_FIELD) && name.length() > REQUEST_FIELD.length()) {
            return new RequestField(name.substring(REQUEST_FIELD.length()).toLowerCase(Locale.ROOT));
        }
        return Arrays.stream(Field.values())
                .filter(field -> field.label().equals(name))
                .findFirst()
                .<Part>map(Known::new)
                .orElseThrow(() -> new IllegalArgumentException("no such field"));
    }
}
