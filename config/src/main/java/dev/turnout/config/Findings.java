package dev.turnout.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.turnout.config.Problem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Confined to one thread. Collects what is wrong while a configuration is read, at most one problem a key. */
final class Findings {

    /** How the library calls the origin of a value that came out of the environment. */
    private static final String ENVIRONMENT = "env variables";

    /** How the origin of a default is called. */
    static final String REFERENCE = "reference.conf";

    private final ConfigObject written;
    private final String source;
    private final String sourcePath;
    private final Map<String, Problem> byKey = new LinkedHashMap<>();
    private final List<Section> sections = new ArrayList<>();

    /**
     * @param written the configuration before its substitutions: it still knows on which line each stood
     * @param source how the operator named the file
     * @param sourcePath how the library names the same file
     */
    Findings(ConfigObject written, String source, String sourcePath) {
        this.written = written;
        this.source = source;
        this.sourcePath = sourcePath;
    }

    /** A value and where it stands. */
    record Node(String path, ConfigValue value) {}

    /** Has {@code section} asked, at the end, for keys that nobody read. */
    void watch(Section section) {
        sections.add(section);
    }

    /** Every section that was read. */
    List<Section> sections() {
        return sections;
    }

    /** The value of {@code node} is not what it must be. */
    void report(Node node, String expected, Severity severity) {
        report(node, show(node.value()), expected, severity);
    }

    /** The same for a text of which only a part may be printed. */
    void reportPart(Node node, UnaryOperator<String> shown, String expected) {
        boolean own = node.value().valueType() == ConfigValueType.STRING
                && !node.value().origin().description().contains(ENVIRONMENT);
        report(
                node,
                own ? shown.apply((String) node.value().unwrapped()) : show(node.value()),
                expected,
                Severity.ERROR);
    }

    /** The same in other words than the value. {@code found} must not hold what may have come from the environment. */
    void report(Node node, String found, String expected, Severity severity) {
        ConfigOrigin origin = node.value().origin();
        int line = origin.lineNumber();
        Problem problem = new Problem(
                fileOf(origin), line > 0 ? line : lineWritten(node.path()), node.path(), found, expected, severity);
        byKey.putIfAbsent(node.path(), problem);
    }

    /** Whether nobody but reference.conf gave the value. */
    static boolean isDefault(Node node) {
        return node.value().origin().description().startsWith(REFERENCE);
    }

    /** All problems by line. */
    List<Problem> problems() {
        return byKey.values().stream()
                .sorted(Comparator.comparingInt(Problem::line))
                .toList();
    }

    /** A value as it may be printed: never what was in the environment, for that may be a secret. */
    private static String show(ConfigValue value) {
        if (value.origin().description().contains(ENVIRONMENT)) {
            return "value from the environment";
        }
        return switch (value.valueType()) {
            case OBJECT -> "{...}";
            case LIST -> "[...]";
            case NULL -> "null";
            case STRING -> value.unwrapped().equals("") ? "\"\"" : (String) value.unwrapped();
            case NUMBER, BOOLEAN -> value.render();
        };
    }

    private String fileOf(ConfigOrigin origin) {
        String file = origin.filename();
        if (file != null) {
            return file.equals(sourcePath) ? source : file;
        }
        return origin.description().startsWith(REFERENCE) ? REFERENCE : source;
    }

    /** A value from the environment has no line of its own: the line of the substitution, or of the list around it. */
    private int lineWritten(String path) {
        ConfigValue value = written;
        int line = 0;
        try {
            for (String name : path.split("\\.", -1)) {
                int index = name.indexOf('[');
                value = value instanceof ConfigObject object
                        ? object.get(index < 0 ? name : name.substring(0, index))
                        : null;
                if (value == null) {
                    break;
                }
                line = value.origin().lineNumber();
            }
        } catch (ConfigException.NotResolved e) {
            // An object that is itself a substitution: its own line is the nearest there is.
        }
        return Math.max(line, 0);
    }
}
