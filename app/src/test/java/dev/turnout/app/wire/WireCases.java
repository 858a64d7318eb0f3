package dev.turnout.app.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnout.app.wire.WireCase.End;
import dev.turnout.app.wire.WireCase.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Confined to one thread. Reads the corpus: one file for each group, see the README beside them. */
final class WireCases {

    private static final Path FOLDER = Path.of("src/test/resources/wire");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(x[0-9a-f]{2}|\\{[0-9]+\\*[^}]*}|.)");
    private static final String PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final String group;
    private final List<WireCase> cases = new ArrayList<>();

    private String section = "";
    private String rule = "";
    private String id = "";
    private String title = "";

    private List<WireCase.Step> client = List.of();
    private StringBuilder sending = new StringBuilder();
    private List<WireCase.Reply> replies = List.of();
    private StringBuilder atHead = new StringBuilder();
    private StringBuilder atEnd = new StringBuilder();
    private StringBuilder later = new StringBuilder();
    private StringBuilder saying = atEnd;
    private List<Integer> statuses = List.of();
    private Ending ending = Ending.SILENT;
    private List<String> seen = List.of();
    private boolean whole;
    private String cut = "";
    private List<String> has = List.of();
    private List<String> lacks = List.of();
    private List<String> got = List.of();
    private List<String> gotNot = List.of();

    private WireCases(String group) {
        this.group = group;
    }

    /** All cases, by file and in the order in which they stand there. */
    static List<WireCase> all() {
        List<WireCase> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".wire")).sorted().toList()) {
                String name = file.getFileName()
                        .toString()
                        .replaceFirst("^[0-9]+-", "")
                        .replace(".wire", "");
                WireCases reader = new WireCases(name.replace('-', ' '));
                int number = 0;
                for (String line : Files.readString(file, UTF_8).split("\n", -1)) {
                    number++;
                    try {
                        reader.line(line);
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException(file + ":" + number + ": " + line, e);
                    }
                }
                reader.endCase();
                all.addAll(reader.cases);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private void line(String line) {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        if (line.startsWith("> ") || line.equals(">")) {
            sending.append(bytes(line));
            return;
        }
        if (line.startsWith("< ") || line.equals("<")) {
            saying.append(bytes(line));
            return;
        }
        String word = line.split(" ", 2)[0];
        String rest = line.substring(word.length()).strip();
        switch (word) {
            case "rule" -> {
                endCase();
                section = rest.substring(0, rest.indexOf(':'));
                rule = rest.substring(rest.indexOf(':') + 1).strip();
            }
            case "case" -> {
                endCase();
                id = rest.substring(0, rest.indexOf(':'));
                title = rest.substring(rest.indexOf(':') + 1).strip();
                startCase();
            }
            case ">write" -> endWrite();
            case ">await" -> step(new WireCase.Await(Integer.parseInt(rest)));
            case ">settle" -> step(new WireCase.Settle());
            case ">fin" -> step(new WireCase.Fin());
            case "<head" -> saying = atHead;
            case "<end" -> saying = atEnd;
            case "<later" -> saying = later;
            case "<whole" -> whole = true;
            case "<close" -> endReply(End.FIN);
            case "<reset" -> endReply(End.RESET);
            case "<next" -> endReply(End.STAYS);
            case "expect" -> expect(rest);
            case "seen" -> seen.add(unescaped(rest));
            case "cut" -> cut = rest;
            case "has" -> has.add(unescaped(rest));
            case "lacks" -> lacks.add(rest);
            case "got" -> got.add(unescaped(rest));
            case "got-not" -> gotNot.add(unescaped(rest));
            default -> throw new IllegalArgumentException(word);
        }
    }

    private void startCase() {
        client = new ArrayList<>();
        replies = new ArrayList<>();
        statuses = new ArrayList<>();
        seen = new ArrayList<>();
        has = new ArrayList<>();
        lacks = new ArrayList<>();
        got = new ArrayList<>();
        gotNot = new ArrayList<>();
        cut = "";
        startReply();
    }

    private void endCase() {
        if (id.isEmpty()) {
            return;
        }
        endWrite();
        if (atHead.length() + atEnd.length() + later.length() > 0) {
            endReply(End.STAYS);
        }
        cases.add(new WireCase(
                group,
                id,
                title,
                section,
                rule,
                client,
                new WireCase.Script(replies),
                new WireCase.Expected(statuses, ending, seen, cut, has, lacks, got, gotNot)));
        id = "";
    }

    private void step(WireCase.Step step) {
        endWrite();
        client.add(step);
    }

    private void endWrite() {
        if (sending.length() > 0) {
            client.add(new WireCase.Send(sending.toString()));
            sending = new StringBuilder();
        }
    }

    private void startReply() {
        whole = false;
        atHead = new StringBuilder();
        atEnd = new StringBuilder();
        later = new StringBuilder();
        saying = atEnd;
    }

    private void endReply(End end) {
        // Only a head's worth means the plain answer follows.
        boolean plain = atEnd.length() == 0 && later.length() == 0 && end == End.STAYS;
        replies.add(
                new WireCase.Reply(atHead.toString(), plain ? PLAIN : atEnd.toString(), later.toString(), end, whole));
        startReply();
    }

    private void expect(String words) {
        for (String word : words.split(" ", -1)) {
            if (word.matches("[0-9]+")) {
                statuses.add(Integer.valueOf(word));
            } else {
                ending = Ending.valueOf(word.toUpperCase(Locale.ROOT));
            }
        }
    }

    /** A line of bytes: what stands behind the mark, and CR LF unless it ends with a backslash. */
    private static String bytes(String line) {
        String text = line.length() < 2 ? "" : line.substring(2);
        boolean goesOn = text.endsWith("\\") && !text.endsWith("\\\\");
        return unescaped(goesOn ? text.substring(0, text.length() - 1) : text) + (goesOn ? "" : "\r\n");
    }

    private static String unescaped(String text) {
        Matcher escape = ESCAPE.matcher(text);
        StringBuilder plain = new StringBuilder();
        while (escape.find()) {
            escape.appendReplacement(plain, Matcher.quoteReplacement(meaning(escape.group(1))));
        }
        return escape.appendTail(plain).toString();
    }

    private static String meaning(String escape) {
        return switch (escape.charAt(0)) {
            case 'r' -> "\r";
            case 'n' -> "\n";
            case 't' -> "\t";
            case 's' -> " ";
            case '0' -> "\0";
            case '\\' -> "\\";
            case 'x' -> String.valueOf((char) Integer.parseInt(escape.substring(1), 16));
            case '{' -> {
                int star = escape.indexOf('*');
                String repeated = unescaped(escape.substring(star + 1, escape.length() - 1));
                yield repeated.repeat(Integer.parseInt(escape.substring(1, star)));
            }
            default -> throw new IllegalArgumentException("unknown escape: \\" + escape);
        };
    }
}
