package dev.turnout.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. How a pool is made ready before it gets traffic.
 *
 * @param connections idle connections to each backend on each event loop; 0: none are opened
 * @param requests to each backend, all event loops together; 0: none are sent
 * @param paths what is asked for, in turn; not empty if there are requests
 * @param host Host field of a request; empty means that of probes
 * @param timeout for all requests, and then again for the connections
 */
public record WarmUpSettings(
        int connections, int requests, List<String> paths, String host, Duration timeout, OnFailure onFailure) {

    /** What a command that moves traffic does after a warm-up in which something failed. */
    public enum OnFailure {
        /** Moves it all the same. */
        PROCEED,
        /** Does nothing, unless it is forced. */
        REFUSE;

        /** The word in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** No warm-up may take longer than twice this, and who waits for one no less. */
    public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

    /** There is none. */
    public static final WarmUpSettings NONE =
            new WarmUpSettings(0, 0, List.of(), "", Duration.ofSeconds(10), OnFailure.PROCEED);

    public WarmUpSettings {
        paths = List.copyOf(paths);
        Objects.requireNonNull(host);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(onFailure);
    }

    /** Whether there is anything to do. */
    public boolean isAny() {
        return connections > 0 || requests > 0;
    }
}
