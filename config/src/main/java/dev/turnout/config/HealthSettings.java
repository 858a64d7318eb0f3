package dev.turnout.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. How the backends of a pool are probed.
 *
 * @param interval from the start of one probe to the start of the next
 * @param timeout for one whole probe
 * @param rise successes in a row that bring a backend up
 * @param fall failures in a row that take it down
 * @param fastInterval the same while its results in a row speak against what the backend counts as, if that is shorter
 * @param port where it is probed; 0 means where it is served
 * @param http what an HTTP probe asks
 */
public record HealthSettings(
        Kind kind,
        Duration interval,
        Duration fastInterval,
        Duration timeout,
        int rise,
        int fall,
        int port,
        HttpProbeSettings http) {

    /** What a probe does. */
    public enum Kind {
        /** Connects, and that is all. */
        TCP,
        /** Sends a request and looks at the answer. */
        HTTP,
        /** No probes: every backend counts as up. */
        NONE;

        /** The name in the configuration, such as {@code http}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Immutable. Status codes from {@code low} to {@code high}, both included. */
    public record StatusRange(int low, int high) {
        public StatusRange {
            if (low < 100 || high > 599 || low > high) {
                throw new IllegalArgumentException(low + "-" + high + " (expected: a range in 100..599)");
            }
        }

        /**
         * Reads {@code 204} or {@code 200-399}.
         *
         * @throws IllegalArgumentException for anything else
         */
        public static StatusRange parse(String text) {
            int hyphen = text.indexOf('-');
            int low = Integer.parseInt(hyphen < 0 ? text : text.substring(0, hyphen));
            return new StatusRange(low, hyphen < 0 ? low : Integer.parseInt(text.substring(hyphen + 1)));
        }

        /** Whether {@code status} lies in the range. */
        public boolean contains(int status) {
            return low <= status && status <= high;
        }

        @Override
        public String toString() {
            return low == high ? Integer.toString(low) : low + "-" + high;
        }
    }

    public HealthSettings {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(interval);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(fastInterval);
        Objects.requireNonNull(http);
    }
}
