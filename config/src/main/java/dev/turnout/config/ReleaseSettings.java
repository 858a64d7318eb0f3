package dev.turnout.config;

import java.util.List;
import java.util.Objects;

/**
 * Immutable. What holds for all releases; the rest is said with each.
 *
 * @param assetFallback patterns of paths, {@code *} for any characters, that the other colour is asked for after a 404
 */
public record ReleaseSettings(PreviewSettings preview, List<String> assetFallback) {
    public ReleaseSettings {
        Objects.requireNonNull(preview);
        assetFallback = List.copyOf(assetFallback);
    }
}
