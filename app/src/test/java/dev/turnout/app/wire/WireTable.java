package dev.turnout.app.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Immutable. docs/wire-rules.md: every case, and what each proxy makes of it. */
final class WireTable {

    private static final String INTRODUCTION = """
            # What goes over the wire

            Every rule of HTTP/1.1 framing that Turnout keeps, as cases of raw bytes, and what HAProxy and nginx make of the same bytes. Made by `WireTableIT`
            out of [the cases](../app/src/test/resources/wire/README.md), never by hand; `mvn -pl app -am -Dwire.write=true -Dit.test=WireTableIT verify` makes it anew.

            A cell says: all statuses in order, interim ones too; what became of the client's connection (`open`: another request on it is answered, `closed`,
            `cut`: ended within an answer so that the client knows, `tunnel`, `silent`: neither an answer nor a close within 0.7 s); how many whole requests reached the backend;
            and what the case asks for beyond that and was not so. `=` is the same as Turnout. **lenient**: something reached the backend that a strict reader
            does not find in the client's bytes, or that is no HTTP by the letter (the backend here does not answer that: then `silent`). Some of it is how requests
            are smuggled, if the backend reads the same bytes in another way; much of it is only generous, as two spaces for one. Different is not always
            wrong: rules such as 405 for TRACE, Via, and when a 400 ends a connection are a matter of choice. HAProxy and nginx run with the
            settings of an ordinary reverse proxy and keep their defaults otherwise.
            """;

    private final List<WireCase> cases;
    private final Map<String, Map<String, Observed>> columns;
    private final Map<String, String> versions;

    /**
     * A table.
     *
     * @param columns by the proxy's name what came of each case, Turnout first
     * @param versions by the proxy's name
     */
    WireTable(List<WireCase> cases, Map<String, Map<String, Observed>> columns, Map<String, String> versions) {
        this.cases = List.copyOf(cases);
        this.columns = new LinkedHashMap<>(columns);
        this.versions = new LinkedHashMap<>(versions);
    }

    /** The cells of one proxy by case. */
    Map<String, String> cells(String proxy) {
        Map<String, Observed> column = columns.getOrDefault(proxy, Map.of());
        Map<String, String> cells = new LinkedHashMap<>();
        for (WireCase each : cases) {
            Observed observed = column.get(each.id());
            if (observed != null) {
                cells.put(each.id(), observed.cell(each));
            }
        }
        return cells;
    }

    /** The whole file. */
    String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION).append("\n").append(summary());
        String group = "";
        String rule = "";
        for (WireCase each : cases) {
            if (!each.group().equals(group)) {
                group = each.group();
                text.append("\n## ")
                        .append(Character.toUpperCase(group.charAt(0)))
                        .append(group.substring(1))
                        .append("\n");
            }
            if (!each.rule().equals(rule)) {
                rule = each.rule();
                text.append("\n")
                        .append(each.section())
                        .append(": ")
                        .append(rule)
                        .append("\n\n| case |");
                columns.keySet().forEach(name -> text.append(" ").append(name).append(" |"));
                text.append("\n|---|").append("---|".repeat(columns.size())).append("\n");
            }
            text.append(row(each)).append("\n");
        }
        return text.toString();
    }

    private String row(WireCase each) {
        StringBuilder row =
                new StringBuilder("| `" + each.id() + "` " + each.title().replace("|", "\\|") + " |");
        String first = "";
        for (String name : columns.keySet()) {
            String cell = cells(name).getOrDefault(each.id(), "");
            boolean same = !first.isEmpty() && cell.equals(first);
            first = first.isEmpty() ? cell : first;
            row.append(" ").append(same ? "=" : cell).append(" |");
        }
        return row.toString();
    }

    private String summary() {
        StringBuilder text = new StringBuilder();
        text.append(cases.size() + " cases. "
                + versions.entrySet().stream()
                        .map(version -> version.getKey() + " " + version.getValue())
                        .collect(Collectors.joining(", ")));
        text.append(".\n\n| | " + String.join(" | ", columns.keySet()) + " |\n|---|" + "---|".repeat(columns.size())
                + "\n");
        line(text, "not as the case has it", each -> true, true);
        line(text, "lenient: passed on what a strict reader does not find in the client's bytes", each -> true, false);
        for (String group : cases.stream().map(WireCase::group).distinct().toList()) {
            line(text, "different in: " + group, each -> each.group().equals(group), true);
        }
        return text.toString();
    }

    private void line(StringBuilder text, String title, Predicate<WireCase> of, boolean any) {
        List<String> counts = new ArrayList<>();
        for (Map<String, Observed> column : columns.values()) {
            long count = cases.stream()
                    .filter(of)
                    .filter(each -> {
                        Observed observed = column.get(each.id());
                        return observed != null
                                && !(any ? observed.faults(each) : observed.framingFaults(each)).isEmpty();
                    })
                    .count();
            counts.add(Long.toString(count));
        }
        text.append("| " + title + " | " + String.join(" | ", counts) + " |\n");
    }
}
