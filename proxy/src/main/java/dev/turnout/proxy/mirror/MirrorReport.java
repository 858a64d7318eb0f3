package dev.turnout.proxy.mirror;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.MirrorOrder;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Immutable. What a mirror has found so far.
 *
 * @param idle the colour that got the copies
 * @param failed copies without a whole answer
 * @param skipped requests that were drawn and not compared: too many copies were under way, or the request itself came to nothing
 * @param status how many differ in their status
 * @param headers how many in a field
 * @param body how many in the body
 * @param active times to the head of the answers that users got
 * @param copies times to the head of the others
 * @param paths the worst first
 */
public record MirrorReport(
        MirrorOrder order,
        Colour idle,
        long same,
        long different,
        long failed,
        long skipped,
        long status,
        long headers,
        long body,
        Times active,
        Times copies,
        List<Route> paths) {

    public MirrorReport {
        Objects.requireNonNull(order);
        Objects.requireNonNull(idle);
        Objects.requireNonNull(active);
        Objects.requireNonNull(copies);
        paths = List.copyOf(paths);
    }

    /** How many were compared, or failed. */
    public long compared() {
        return same + different + failed;
    }

    /** Share of those that were not the same, 0..1. */
    public double bad() {
        return compared() == 0 ? 0 : (double) (different + failed) / compared();
    }

    /** Immutable. In nanoseconds, too high by an eighth at most; 0 without any. */
    public record Times(long p50, long p99) {}

    /**
     * Immutable. One method and path, in which segments with a digit count as one.
     *
     * @param example the last that was not the same
     */
    public record Route(String name, long compared, long different, long failed, Example example) {
        public Route {
            Objects.requireNonNull(name);
            Objects.requireNonNull(example);
        }
    }

    /**
     * Immutable. One pair of answers.
     *
     * @param differences as {@code name: active / idle}
     */
    public record Example(Instant at, String requestId, String path, List<String> differences) {
        public Example {
            Objects.requireNonNull(at);
            Objects.requireNonNull(requestId);
            Objects.requireNonNull(path);
            differences = List.copyOf(differences);
        }
    }
}
