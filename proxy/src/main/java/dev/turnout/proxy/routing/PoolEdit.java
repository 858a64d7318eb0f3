package dev.turnout.proxy.routing;

import java.util.Objects;

/**
 * Immutable. That the backends of a pool were edited at run time, and are no longer those of the configuration file.
 *
 * @param version what the operator calls the release that runs there now
 * @param definition that of the file when the edits began ({@link dev.turnout.config.PoolSettings#definition}): while the file
 *     says the same the edits stand, and once it says anything else the file is the newer of the two
 */
public record PoolEdit(String version, String definition) {
    public PoolEdit {
        Objects.requireNonNull(version);
        Objects.requireNonNull(definition);
    }
}
