package dev.turnout.config;

import java.util.List;
import java.util.Objects;

/**
 * Immutable. Settings that can be used, and what the operator should hear about them.
 *
 * @param warnings in the order of their lines; none of them an error
 */
public record LoadedSettings(Settings settings, List<Problem> warnings) {

    public LoadedSettings {
        Objects.requireNonNull(settings);
        warnings = List.copyOf(warnings);
    }
}
