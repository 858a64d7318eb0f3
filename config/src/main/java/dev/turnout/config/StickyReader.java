package dev.turnout.config;

import dev.turnout.config.Problem.Severity;
import dev.turnout.config.StickySettings.SameSite;
import dev.turnout.config.StickySettings.Secure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Immutable. Reads the section {@code sticky}. */
final class StickyReader {

    private static final int SHORTEST_SECRET = 16;
    private static final int LONGEST_SECRET = 4096;

    private StickyReader() {}

    /** Empty if it is off. */
    static Optional<StickySettings> read(Section sticky, Function<String, Path> path) {
        boolean enabled = sticky.flag("enabled");
        Optional<String> secret = sticky.optional(
                "secret-file",
                "a file of " + SHORTEST_SECRET + " to " + LONGEST_SECRET + " bytes that can be read",
                text -> secret(path.apply(text)));
        StickySettings settings = new StickySettings(
                sticky.text(
                        "cookie",
                        "the name of a cookie",
                        "a",
                        text -> checked(text, "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")),
                secret.orElse(""),
                sticky.choice("secure", Secure.values(), Secure::label),
                sticky.flag("http-only"),
                sticky.choice("same-site", SameSite.values(), SameSite::label),
                sticky.text("path", "/ and visible ASCII without ;", "/", text -> checked(text, "/[!-:<-~]{0,199}")),
                sticky.has("max-age")
                        ? Optional.of(sticky.duration("max-age", Duration.ofSeconds(1), Duration.ofDays(400)))
                        : Optional.empty());
        if (enabled && secret.isEmpty()) {
            sticky.report("enabled", "a secret-file beside it", Severity.ERROR);
        }
        if (settings.sameSite() == SameSite.NONE && settings.secure() == Secure.OFF) {
            sticky.clash("same-site", "secure", "secure = on or auto with none, or browsers drop it", Severity.WARNING);
        }
        return enabled ? Optional.of(settings) : Optional.empty();
    }

    private static String secret(Path file) {
        try {
            long size = Files.size(file);
            String text = size > LONGEST_SECRET ? "" : Files.readString(file).strip();
            if (text.length() < SHORTEST_SECRET) {
                throw new IllegalArgumentException("too short or too long");
            }
            return text;
        } catch (IOException e) {
            throw new IllegalArgumentException("not a file that can be read", e);
        }
    }

    private static String checked(String text, String pattern) {
        if (!text.matches(pattern)) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }
}
