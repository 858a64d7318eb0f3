package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.Head;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Immutable. The form of an answer that Turnout makes itself, chosen by Accept (RFC 9110 section 12.5.1). */
enum ErrorForm {
    /** What is not asked for otherwise: a person with curl reads it, and so does a log. */
    TEXT("txt", "text", "plain", "text/plain; charset=utf-8"),
    JSON("json", "application", "json", "application/json"),
    HTML("html", "text", "html", "text/html; charset=utf-8");

    /** Elements of an Accept that are looked at; no program sends as many. */
    private static final int MOST_ELEMENTS = 64;

    private static final Pattern QUALITY = Pattern.compile("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?");

    private static final int EXACT = 3;
    private static final int SUBTYPE_OPEN = 2;
    private static final int ALL_OPEN = 1;

    private final String extension;
    private final String type;
    private final String subtype;

    @SuppressWarnings("ImmutableEnumChecker") // never written to
    private final byte[] contentType;

    ErrorForm(String extension, String type, String subtype, String contentType) {
        this.extension = extension;
        this.type = type;
        this.subtype = subtype;
        this.contentType = contentType.getBytes(StandardCharsets.US_ASCII);
    }

    /** Of a file of own pages. */
    String extension() {
        return extension;
    }

    byte[] contentType() {
        return contentType;
    }

    /** The form that this request prefers; TEXT if it does not say, or nothing that can be understood. */
    static ErrorForm of(Head request) {
        StringBuilder all = null;
        for (int i = 0; i < request.fieldCount(); i++) {
            if (!request.isDropped(i) && request.isNamed(i, "accept")) {
                // Several lines are one list (RFC 9110 section 5.3).
                all = all == null ? new StringBuilder() : all.append(',');
                all.append(request.value(i));
            }
        }
        return of(all == null ? null : all.toString());
    }

    static ErrorForm of(@Nullable String accept) {
        if (accept == null) {
            return TEXT;
        }
        String[] elements = accept.toLowerCase(Locale.ROOT).split(",", MOST_ELEMENTS + 1);
        ErrorForm best = TEXT;
        long bestRank = 0;
        for (ErrorForm form : values()) {
            long rank = form.rank(elements);
            if (rank > bestRank) {
                bestRank = rank;
                best = form;
            }
        }
        return best;
    }

    /** By quality, then by how exactly it is named, then by how early; 0 if it is not acceptable. */
    private long rank(String[] elements) {
        int exactness = 0;
        int quality = 0;
        int place = 0;
        for (int i = 0; i < Math.min(elements.length, MOST_ELEMENTS); i++) {
            String[] parts = elements[i].split(";", -1);
            int match = match(parts[0].strip());
            if (match > exactness) {
                exactness = match;
                quality = quality(parts);
                place = i;
            }
        }
        if (quality == 0) {
            return 0;
        }
        // What only an open range allows is as good as any other: then the order of the constants decides.
        int early = exactness == EXACT ? MOST_ELEMENTS - place : 0;
        return ((long) quality * 4 + exactness) * (MOST_ELEMENTS + 1) + early;
    }

    private int match(String range) {
        if (range.equals(type + "/" + subtype)) {
            return EXACT;
        }
        if (range.equals(type + "/*")) {
            return SUBTYPE_OPEN;
        }
        return range.equals("*/*") ? ALL_OPEN : 0;
    }

    /** In thousandths; 0 if it cannot be understood. */
    private static int quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                String text = parameter.substring(2);
                return QUALITY.matcher(text).matches() ? (int) Math.round(Double.parseDouble(text) * 1000) : 0;
            }
        }
        return 1000;
    }
}
