package dev.turnout.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. One line for each exchange.
 *
 * @param template the line, if the format is {@link Format#TEMPLATE}
 * @param file where to; empty means standard output
 */
public record AccessLogSettings(
        boolean enabled, Format format, Optional<AccessLogTemplate> template, Optional<Path> file) {

    /** The form of a line. */
    public enum Format {
        JSON,
        COMBINED,
        TEMPLATE;

        /** The name in the configuration: {@code json} and so on. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public AccessLogSettings {
        Objects.requireNonNull(format);
        Objects.requireNonNull(template);
        Objects.requireNonNull(file);
        if (format == Format.TEMPLATE && template.isEmpty()) {
            throw new IllegalArgumentException("a format without its template");
        }
    }
}
