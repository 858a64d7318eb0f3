package dev.turnout.config;

import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. What happens to what lives long on a pool under an order to drain, before the deadline of the order.
 *
 * @param rate at most so many of those that are paced are ended in a second
 * @param jitter percent by which each tenth of a second may have more or fewer of them
 */
public record DrainSettings(Handling websockets, Handling tunnels, Handling eventStreams, int rate, int jitter) {

    /** What is done with a class of them. */
    public enum Handling {
        /** Nothing. */
        KEEP,
        /** They are ended, a few at a time, the oldest first. */
        PACE,
        /** They are ended at once. */
        CUT;

        /** As it stands in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public DrainSettings {
        Objects.requireNonNull(websockets);
        Objects.requireNonNull(tunnels);
        Objects.requireNonNull(eventStreams);
    }
}
