package dev.turnout.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.turnout.config.Findings.Node;
import dev.turnout.config.Problem.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one thread. An object of the configuration that remembers which of its keys were read: the others are
 * unknown, and what is known is written down nowhere but in the reads themselves.
 *
 * <p>A read that fails reports its problem and gives a stand-in (the upper end of a range), so that reading goes on
 * and finds the next problem; the settings made of stand-ins are thrown away.
 */
final class Section {

    private static final ConfigObject EMPTY = ConfigFactory.empty().root();

    private final Findings findings;
    private final String path;
    private final ConfigObject object;
    private final @Nullable Section fallback;
    private final boolean broken;
    private final Set<String> read = new LinkedHashSet<>();

    private Section(Findings findings, String path, @Nullable ConfigObject object, @Nullable Section fallback) {
        this.findings = findings;
        this.path = path;
        this.object = object == null ? EMPTY : object;
        this.fallback = fallback;
        this.broken = object == null || (fallback != null && fallback.broken);
        findings.watch(this);
    }

    /** The whole configuration. */
    static Section root(Findings findings, ConfigObject object) {
        return new Section(findings, "", object, null);
    }

    /** The section that {@code node} is; when it is none, that is reported once and all its keys are stand-ins. */
    static Section of(Findings findings, Node node) {
        return of(findings, node, null);
    }

    private static Section of(Findings findings, Node node, @Nullable Section fallback) {
        if (node.value() instanceof ConfigObject object) {
            return new Section(findings, node.path(), object, fallback);
        }
        findings.report(node, "an object { ... }", Severity.ERROR);
        return new Section(findings, node.path(), null, fallback);
    }

    /** A section that must be there. */
    Section section(String key) {
        Node node = present(key);
        return node == null ? new Section(findings, pathOf(key), null, null) : of(findings, node);
    }

    /** A section that may be missing, and whose missing keys are taken from {@code fallback}. */
    Section section(String key, Section fallback) {
        Node node = node(key);
        return node != null && has(key)
                ? of(findings, node, fallback)
                : new Section(findings, pathOf(key), EMPTY, fallback);
    }

    /** A whole number in {@code min..max}. */
    int integer(String key, int min, int max) {
        return valueOr(max, key, min + ".." + max, v -> (int) Bounds.check(min, Long.parseLong(scalar(v)), max));
    }

    /** A number of bytes in {@code min..max}. */
    long bytes(String key, long min, long max) {
        return valueOr(
                max,
                key,
                Bounds.ofBytes(min, max),
                v -> Bounds.check(min, v.atKey("v").getBytes("v"), max));
    }

    /** A duration in {@code min..max}; its unit must be written: 5 is read as seconds by people, as milliseconds by HOCON. */
    Duration duration(String key, Duration min, Duration max) {
        return valueOr(max, key, Bounds.ofTime(min, max), v -> {
            String text = scalar(v);
            if (text.isEmpty() || Character.isDigit(text.charAt(text.length() - 1))) {
                throw new IllegalArgumentException("no unit");
            }
            Duration duration = v.atKey("v").getDuration("v");
            Bounds.check(min.toNanos(), duration.toNanos(), max.toNanos());
            return duration;
        });
    }

    /** A switch: on, off, and what else HOCON takes for them. */
    boolean flag(String key) {
        return valueOr(false, key, "on or off", v -> v.atKey("v").getBoolean("v"));
    }

    /** One of {@code choices} by its label. */
    <E extends Enum<E>> E choice(String key, E[] choices, Function<E, String> label) {
        StringBuilder expected = new StringBuilder();
        for (E choice : choices) {
            expected.append(expected.isEmpty() ? "" : " | ").append(label.apply(choice));
        }
        return valueOr(choices[0], key, expected.toString(), v -> {
            String text = scalar(v);
            for (E choice : choices) {
                if (label.apply(choice).equals(text)) {
                    return choice;
                }
            }
            throw new IllegalArgumentException(text);
        });
    }

    /** What {@code parser} makes of the text; {@code standIn} when it throws an IllegalArgumentException. */
    <T> T text(String key, String expected, T standIn, Function<String, T> parser) {
        return valueOr(standIn, key, expected, v -> parser.apply(scalar(v)));
    }

    /** The same for a key that may be missing. */
    <T> Optional<T> optional(String key, String expected, Function<String, T> parser) {
        Node node = node(key);
        return node != null && has(key) ? Optional.ofNullable(attempt(node, expected, parser)) : Optional.empty();
    }

    /** The same for a value that nobody is to read in a log. */
    <T> Optional<T> secret(String key, String expected, Function<String, T> parser) {
        Node node = node(key);
        if (node == null || !has(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(scalar(node.value())));
        } catch (IllegalArgumentException | ConfigException e) {
            findings.reportPart(node, text -> "...", expected);
            return Optional.empty();
        }
    }

    /** The elements of a list. */
    List<Node> list(String key) {
        Node node = present(key);
        List<Node> elements = new ArrayList<>();
        if (node != null && node.value() instanceof ConfigList list) {
            for (int i = 0; i < list.size(); i++) {
                elements.add(new Node(node.path() + "[" + i + "]", list.get(i)));
            }
        } else if (node != null) {
            findings.report(node, "a list [ ... ]", Severity.ERROR);
        }
        return elements;
    }

    /** The elements of a list of texts, less those that {@code parser} refuses. */
    <T> List<T> texts(String key, String expected, Function<String, T> parser) {
        List<T> texts = new ArrayList<>();
        for (Node element : list(key)) {
            T text = attempt(element, expected, parser);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /**
     * The same for texts that may hold a secret.
     *
     * @param shown what may be printed of one that was refused
     */
    <T> List<T> secretTexts(String key, String expected, UnaryOperator<String> shown, Function<String, T> parser) {
        List<T> texts = new ArrayList<>();
        for (Node element : list(key)) {
            try {
                texts.add(parser.apply(scalar(element.value())));
            } catch (IllegalArgumentException | ConfigException e) {
                findings.reportPart(element, shown, expected);
            }
        }
        return texts;
    }

    /** What {@code parser} makes of the text of {@code node}; null, and reported, when it throws. */
    <T> @Nullable T attempt(Node node, String expected, Function<String, T> parser) {
        return attemptValue(node, expected, v -> parser.apply(scalar(v)));
    }

    /** The value of a key that must be there; null, and reported, when it is not. */
    @Nullable
    Node present(String key) {
        Node node = node(key);
        if (node == null && !broken) {
            findings.report(new Node(pathOf(key), object), "missing", "a value", Severity.ERROR);
        }
        return node;
    }

    /** Whether a key that may be missing is there. */
    boolean has(String key) {
        Node node = node(key);
        return node != null && node.value().valueType() != ConfigValueType.NULL;
    }

    /** The value of {@code key} is good for itself, but not for the whole. */
    void report(String key, String expected, Severity severity) {
        clash(key, key, expected, severity);
    }

    /** Two values are good by themselves, but not together; told of the one that the operator wrote. */
    void clash(String key, String other, String expected, Severity severity) {
        Node node = node(key);
        if (node == null || Findings.isDefault(node)) {
            node = node(other);
        }
        if (node != null) {
            findings.report(node, expected, severity);
        }
    }

    /** Reports the keys that nobody read. */
    void reportUnknown() {
        object.forEach((key, value) -> {
            if (read.contains(key)) {
                return;
            }
            String nearest = NearestName.of(key, read);
            findings.report(
                    new Node(pathOf(key), value),
                    nearest == null ? "unknown key" : "unknown key, did you mean " + nearest + "?",
                    nearest == null ? "one of " + String.join(", ", read) : "",
                    Severity.ERROR);
        });
    }

    /** The whole paths of the keys that were asked for. */
    List<String> keysRead() {
        return read.stream().map(this::pathOf).toList();
    }

    private <T> T valueOr(T standIn, String key, String expected, Function<ConfigValue, T> parser) {
        Node node = present(key);
        T value = node == null ? null : attemptValue(node, expected, parser);
        return value == null ? standIn : value;
    }

    private <T> @Nullable T attemptValue(Node node, String expected, Function<ConfigValue, T> parser) {
        try {
            return parser.apply(node.value());
        } catch (IllegalArgumentException | ConfigException e) {
            findings.report(node, expected, Severity.ERROR);
            return null;
        }
    }

    private @Nullable Node node(String key) {
        read.add(key);
        ConfigValue value = object.get(key);
        if (value != null) {
            return new Node(pathOf(key), value);
        }
        return fallback == null ? null : fallback.node(key);
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The text of a string, number or flag as it was written: 1.10 is not 1.1. The environment has only strings. */
    private static String scalar(ConfigValue value) {
        return value.atKey("v").getString("v");
    }
}
