package dev.turnout.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import dev.turnout.config.Problem.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Immutable. Reads the configuration (HOCON); what a file does not name comes from reference.conf.
 *
 * <p>All problems are found in one pass, but for those of syntax and of substitutions: there the parser stops at the
 * first, and nothing else can be said of the file.
 */
public final class SettingsLoader {

    /** The file of a problem in settings that came from no file. */
    private static final String TEXT = "configuration";

    private SettingsLoader() {}

    /**
     * Reads {@code file}; relative paths in it start at its folder.
     *
     * @throws SettingsException when the file cannot be read, or anything in it is wrong
     */
    public static LoadedSettings load(Path file) {
        String source = file.toString();
        if (!Files.exists(file)) {
            throw failure(source, 0, "no such file");
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw failure(source, 0, "not a file that can be read");
        }
        Path absolute = file.toAbsolutePath();
        return load(
                () -> ConfigFactory.parseFile(
                        absolute.toFile(),
                        ConfigParseOptions.defaults()
                                .setSyntax(ConfigSyntax.CONF)
                                .setAllowMissing(false)),
                source,
                absolute.toString(),
                Objects.requireNonNullElse(absolute.getParent(), absolute));
    }

    /**
     * Reads {@code hocon} as if it stood in a file of the folder {@code base}.
     *
     * @throws SettingsException when anything in it is wrong
     */
    public static LoadedSettings parse(String hocon, Path base) {
        return load(() -> ConfigFactory.parseString(hocon, options(TEXT)), TEXT, TEXT, base);
    }

    /** Has {@code written} read, completed, resolved and checked. {@code sourcePath} is how the library names the source. */
    static LoadedSettings load(Supplier<Config> written, String source, String sourcePath, Path base) {
        Findings findings;
        ConfigObject resolved;
        try {
            Config own = written.get();
            findings = new Findings(own.root(), source, sourcePath);
            resolved = own.withFallback(reference()).resolve().root();
        } catch (ConfigException e) {
            throw unreadable(e, source, sourcePath);
        }
        Settings settings = new SettingsReader(findings, base).read(resolved);
        List<Problem> problems = findings.problems();
        if (problems.stream().anyMatch(problem -> problem.severity() == Severity.ERROR)) {
            throw new SettingsException(problems);
        }
        return new LoadedSettings(settings, problems);
    }

    /** Our own defaults alone: the library's way would also take those of other jars, and the system properties. */
    private static Config reference() {
        try (InputStream in = SettingsLoader.class.getResourceAsStream("/" + Findings.REFERENCE)) {
            Reader reader = new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8);
            return ConfigFactory.parseReader(reader, options(Findings.REFERENCE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ConfigParseOptions options(String origin) {
        return ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setOriginDescription(origin);
    }

    private static SettingsException unreadable(ConfigException e, String source, String sourcePath) {
        ConfigOrigin origin = e.origin();
        if (origin == null) {
            return failure(source, 0, reason(e, ""));
        }
        String file = origin.filename();
        return failure(
                file == null || file.equals(sourcePath) ? source : file,
                Math.max(origin.lineNumber(), 0),
                reason(e, origin.description() + ": "));
    }

    /** What the library says, less the place in front and the advice behind, which is about other kinds of files. */
    private static String reason(ConfigException e, String place) {
        String message = e.getMessage();
        boolean tellsNoValue = e instanceof ConfigException.Parse
                || e instanceof ConfigException.UnresolvedSubstitution
                || e instanceof ConfigException.IO;
        if (message == null || !tellsNoValue) {
            return "does not fit together"; // other messages tell values, and those may have come from the environment
        }
        int start = message.startsWith(place) ? place.length() : 0;
        int advice = message.indexOf(" (if you ", start);
        return message.substring(start, advice < 0 ? message.length() : advice)
                .replace("expecting a close parentheses ')' here", "Expecting a key or a closing }");
    }

    private static SettingsException failure(String source, int line, String message) {
        return new SettingsException(List.of(new Problem(source, line, "", message, "", Severity.ERROR)));
    }
}
