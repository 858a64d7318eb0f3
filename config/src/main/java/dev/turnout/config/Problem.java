package dev.turnout.config;

import java.util.Objects;

/**
 * Immutable. One fault of a configuration, told so that it can be mended without looking anything up.
 *
 * <p>All texts are escaped and cut on construction: what stands in a file can neither break a line of a log nor flood it.
 *
 * @param file as the operator named it, or the included file in which the fault stands
 * @param line 1 for the first line; 0 when the fault has no line
 * @param key the whole path of the key such as {@code turnout.pools.blue.backends[1].weight}; empty when it has none
 * @param value what was found, or what is wrong
 * @param expected what would have been right; empty when {@code value} says it all
 */
public record Problem(String file, int line, String key, String value, String expected, Severity severity) {

    /** Whether Turnout starts all the same. */
    public enum Severity {
        ERROR,
        WARNING
    }

    private static final int LONGEST_VALUE = 100;
    private static final int LONGEST_TEXT = 300;

    public Problem {
        Objects.requireNonNull(severity);
        file = printable(file, LONGEST_TEXT);
        key = printable(key, LONGEST_TEXT);
        value = printable(value, LONGEST_VALUE);
        expected = printable(expected, LONGEST_TEXT);
    }

    /** One line: {@code turnout.conf:12: turnout.workers: -1 (expected: 0..256)}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(severity == Severity.WARNING ? ": warning: " : ": ");
        if (!key.isEmpty()) {
            text.append(key).append(": ");
        }
        text.append(value);
        if (!expected.isEmpty()) {
            text.append(" (expected: ").append(expected).append(')');
        }
        return text.toString();
    }

    /**
     * The same without anything out of the file, for those who may not read that: {@code turnout.conf:12: turnout.workers
     * (expected: 0..256)}. What does not parse may be told with a piece of the text, so only the place is left of
     * it; without an {@link #expected}, what stands for the value are words of ours.
     */
    public String withoutValue() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        if (!key.isEmpty()) {
            text.append(": ").append(key);
        }
        if (!expected.isEmpty()) {
            text.append(" (expected: ").append(expected).append(')');
        } else if (key.isEmpty() && line > 0) {
            text.append(": cannot be read, the log says why");
        } else {
            text.append(": ").append(value);
        }
        return text.toString();
    }

    private static String printable(String text, int longest) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), longest));
        for (int i = 0; i < text.length(); i++) {
            if (out.length() >= longest) {
                return out.append("...").toString();
            }
            char c = text.charAt(i);
            if (isPlain(c)) {
                out.append(c);
            } else {
                out.append("\\u").append(Integer.toHexString(c | 0x10000), 1, 5);
            }
        }
        return out.toString();
    }

    /** Control characters end lines and move cursors; format characters turn the direction of writing. */
    private static boolean isPlain(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
