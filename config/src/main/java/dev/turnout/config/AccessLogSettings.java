package dev.turnout.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. One line for each exchange.
 *
 * @param file where to; empty means standard output
 */
public record AccessLogSettings(boolean enabled, Format format, Optional<Path> file) {

    /** The form of a line. */
    public enum Format {
        JSON,
        COMBINED;

        /** The name in the configuration: {@code json} or {@code combined}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public AccessLogSettings {
        Objects.requireNonNull(format);
        Objects.requireNonNull(file);
    }
}
