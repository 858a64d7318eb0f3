package dev.turnout.proxy.release;

import dev.turnout.config.GateSettings;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Immutable. What one command asks of the new colour in place of the settings; what is empty is as they say.
 *
 * @param minHealthy as in {@link GateSettings}
 * @param minCapacity as in {@link GateSettings}
 */
public record GateTerms(OptionalInt minHealthy, OptionalInt minCapacity) {

    /** As the settings say. */
    public static final GateTerms NONE = new GateTerms(OptionalInt.empty(), OptionalInt.empty());

    public GateTerms {
        Objects.requireNonNull(minHealthy);
        Objects.requireNonNull(minCapacity);
    }

    /** What is asked in all. */
    public GateSettings over(GateSettings settings) {
        return new GateSettings(minHealthy.orElse(settings.minHealthy()), minCapacity.orElse(settings.minCapacity()));
    }
}
