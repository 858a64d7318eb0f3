package dev.turnout.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Immutable. The file of tokens: a line {@code name role sha256-hex} for each; {@code #} starts a comment line. */
final class TokenFile {

    private static final Pattern LINE =
            Pattern.compile("([A-Za-z0-9._@-]{1,64})\\s+(viewer|operator|admin)\\s+([0-9a-fA-F]{64})");

    /**
     * Immutable. Who may come in.
     *
     * @param sha256 of the token in UTF-8, in lower-case hexadecimal; a token is never kept as such
     */
    record Entry(String name, Role role, String sha256) {
        Entry {
            Objects.requireNonNull(name);
            Objects.requireNonNull(role);
            Objects.requireNonNull(sha256);
        }
    }

    private TokenFile() {}

    /**
     * Reads all entries. A name may stand there twice, so that a token can be replaced without a gap.
     *
     * @throws IOException if the file cannot be read, a line is not in form or there is no entry; names the line, never
     *     what stands in it
     */
    static List<Entry> read(Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher form = LINE.matcher(line);
            if (!form.matches()) {
                throw new IOException(
                        file + ":" + (i + 1) + ": expected: name, viewer|operator|admin, SHA-256 in hexadecimal");
            }
            entries.add(new Entry(
                    form.group(1), roleOf(form.group(2)), form.group(3).toLowerCase(Locale.ROOT)));
        }
        if (entries.isEmpty()) {
            throw new IOException(file + ": holds no token");
        }
        return entries;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    private static Role roleOf(String word) {
        return switch (word) {
            case "viewer" -> Role.VIEWER;
            case "operator" -> Role.OPERATOR;
            default -> Role.ADMIN;
        };
    }
}
