package dev.turnout.app.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Makes docs/wire-rules.md. Turnout's column must be as committed, always; those of the others where they are installed in
 * the version that is written there. What could not be compared is said aloud.
 */
final class WireTableIT {

    private static final Path COMMITTED = Path.of("../docs/wire-rules.md");
    private static final Path MADE = Path.of("target/wire-rules.md");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9-]+)` .*");
    private static final int LANES = 48;
    /** How often one whose cell differs is played again: on a busy machine silence may be mistaken for an end. */
    private static final int TRIES = 3;

    /** Cells of another program that may differ: some of its answers race with the close of its connection. */
    private static final int UNSTEADY = 40;

    private final List<WireCase> cases = WireCases.all();

    @Test
    void tableIsAsCommitted(TestReporter reporter) throws IOException, InterruptedException {
        boolean write = Boolean.getBoolean("wire.write");
        Map<String, Map<String, Observed>> columns = new LinkedHashMap<>();
        Map<String, String> versions = new LinkedHashMap<>();
        String committed = Files.exists(COMMITTED) ? Files.readString(COMMITTED) : "";
        List<String> faults = new ArrayList<>();

        try (TurnoutLanes turnouts = new TurnoutLanes(6)) {
            columns.put("Turnout", Lane.playAll(cases, turnouts.lanes(), WireRun.Split.NONE));
        }
        compare("Turnout", cells(columns, "Turnout"), written(committed, 0), faults);
        int number = 0;
        for (PeerProgram.Kind kind : PeerProgram.Kind.values()) {
            number++;
            String name = kind.title();
            if (!kind.isInstalled()) {
                say(reporter, name + " is not installed: its column of docs/wire-rules.md was NOT checked");
                continue;
            }
            String version = kind.version();
            versions.put(name, version);
            boolean comparable = committed.contains(name + " " + version);
            if (!comparable) {
                say(
                        reporter,
                        name + " is here as " + version + ", not as in docs/wire-rules.md: its column was NOT checked");
            }
            Map<String, String> expected = written(committed, number);
            try (PeerProgram peer = new PeerProgram(kind, LANES)) {
                columns.put(name, play(peer, expected, write || !comparable ? 1 : TRIES));
            }
            if (comparable) {
                List<String> others = new ArrayList<>();
                compare(name, cells(columns, name), expected, others);
                others.forEach(each -> say(reporter, each));
                if (others.size() > UNSTEADY) {
                    faults.addAll(others);
                }
            }
        }

        String text = new WireTable(cases, columns, versions).text();
        Files.writeString(MADE, text, UTF_8);
        if (write) {
            assertThat(versions)
                    .as("all programs are needed to write the table")
                    .hasSize(PeerProgram.Kind.values().length);
            Files.writeString(COMMITTED, text, UTF_8);
        } else {
            assertThat(faults)
                    .as("differences from docs/wire-rules.md; the table made now is app/target/wire-rules.md")
                    .isEmpty();
        }
    }

    private Map<String, Observed> play(PeerProgram peer, Map<String, String> expected, int tries) {
        Map<String, Observed> observed = new LinkedHashMap<>();
        List<WireCase> left = cases;
        for (int i = 0; i < tries && !left.isEmpty(); i++) {
            observed.putAll(Lane.playAll(left, peer.lanes(), WireRun.Split.NONE));
            left = left.stream()
                    .filter(each -> {
                        Observed came = observed.get(each.id());
                        return came == null || !came.cell(each).equals(expected.get(each.id()));
                    })
                    .toList();
        }
        return observed;
    }

    private Map<String, String> cells(Map<String, Map<String, Observed>> columns, String name) {
        return new WireTable(cases, columns, Map.of()).cells(name);
    }

    /** The cells of one column as committed; {@code =} is made out. */
    private static Map<String, String> written(String committed, int column) {
        Map<String, String> cells = new LinkedHashMap<>();
        for (String line : committed.split("\n", -1)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String[] parts = line.replace("\\|", "\u0000").split("\\|", -1);
                String first = parts[2].strip();
                String cell = parts.length > column + 2 ? parts[column + 2].strip() : "";
                cells.put(row.group(1), (cell.equals("=") ? first : cell).replace("\u0000", "\\|"));
            }
        }
        return cells;
    }

    private static void compare(
            String name, Map<String, String> made, Map<String, String> written, List<String> faults) {
        made.forEach((id, cell) -> {
            if (!cell.strip().equals(written.get(id))) {
                faults.add(name + ", " + id + ": " + cell + " (committed: " + written.get(id) + ")");
            }
        });
        written.keySet().stream()
                .filter(id -> !made.containsKey(id))
                .forEach(id -> faults.add(name + ", " + id + ": no such case"));
    }

    /** On the console, where a build is read, and in the test's report. */
    @SuppressWarnings("SystemOut")
    private static void say(TestReporter reporter, String words) {
        System.out.println("WARNING: " + words);
        reporter.publishEntry("not checked", words);
    }
}
