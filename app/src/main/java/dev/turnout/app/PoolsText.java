package dev.turnout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import java.util.ArrayList;
import java.util.List;

/** Immutable. Pools and their backends as tables for a person. */
final class PoolsText {

    private PoolsText() {}

    /** A line for each pool. */
    static String pools(JsonNode answer) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"POOL", "ROLE", "VERSION", "HEALTHY", "USABLE", "IN FLIGHT", "WAITING", "REMARKS"});
        for (Colour colour : Colour.values()) {
            JsonNode pool = answer.path("pools").path(colour.label());
            String total = "/" + pool.path("total").asText();
            rows.add(new String[] {
                colour.label(),
                pool.path("role").asText(),
                orDash(pool.path("version").asText()),
                pool.path("healthy").asText() + total,
                pool.path("usable").asText() + total,
                pool.path("inFlight").asText(),
                pool.path("pending").asText("0"),
                String.join(", ", StatusText.remarks(pool))
            });
        }
        return table(rows);
    }

    /** A line for each backend of a pool. */
    static String backends(JsonNode pool) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"ADDRESS", "WEIGHT", "STATE", "UP", "IN FLIGHT", "FAILED", "5XX", "SINCE", "WHY"});
        for (JsonNode backend : pool.path("backends")) {
            rows.add(new String[] {
                backend.path("address").asText(),
                backend.path("weight").asText(),
                backend.path("state").asText(),
                backend.path("up").asBoolean() ? "up" : "down",
                backend.path("inFlight").asText(),
                failed(backend.path("failures")),
                orDash(backend.path("failures").path("serverError").asText()),
                orDash(backend.path("since").asText("")),
                why(pool, backend)
            });
        }
        for (JsonNode name : pool.path("names")) {
            if (name.path("found").asInt(1) == 0) {
                rows.add(new String[] {
                    name.path("name").asText(),
                    orDash(name.path("weight").asText()),
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    name.path("problem").isTextual() ? name.path("problem").asText() : "leads nowhere so far"
                });
            }
        }
        return rows.size() == 1 ? pool.path("colour").asText() + " has no backends" : table(rows);
    }

    /** Attempts that Turnout itself saw fail; what the backend answered is another matter. */
    private static String failed(JsonNode failures) {
        long failed = 0;
        for (String kind : List.of("connect", "broken", "timeout")) {
            failed += failures.path(kind).asLong();
        }
        return failures.isObject() ? Long.toString(failed) : "-";
    }

    private static String why(JsonNode pool, JsonNode backend) {
        String why = StatusText.why(pool, backend);
        long overflows = backend.path("ejectionOverflows").asLong();
        if (overflows == 0) {
            return why;
        }
        return (why.isEmpty() ? "" : why + "; ") + "would have been ejected "
                + (overflows == 1 ? "once" : overflows + " times")
                + " since the start, but no more of its pool might be (most-ejected-percent)";
    }

    private static String orDash(String text) {
        return text.isEmpty() || text.equals("null") ? "-" : text;
    }

    /** Columns as wide as their widest cell. */
    private static String table(List<String[]> rows) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], row[column].length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                line.append(row[column]).append(" ".repeat(widths[column] - row[column].length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return String.join(System.lineSeparator(), lines);
    }
}
