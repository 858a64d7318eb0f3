package dev.turnout.proxy.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Immutable. The order that a share of safe requests is sent to the idle colour too, and its answers compared with those that
 * users get. It ends by itself.
 *
 * @param revision of the table that it came into force with, by which it is told from any other
 * @param since when it was given
 * @param until when it ends
 * @param share hundredths of a percent, 1..10,000
 * @param headers names in lower case of the fields that are compared
 * @param body how bodies are compared
 * @param bodyLimit bytes of a body that are looked at
 * @param maxInFlight copies under way at a time, over all event loops; requests beyond are not copied
 * @param timeout for the whole answer to a copy
 * @param reason for people; may be empty
 */
public record MirrorOrder(
        long revision,
        Instant since,
        Instant until,
        int share,
        List<String> headers,
        Body body,
        int bodyLimit,
        int maxInFlight,
        Duration timeout,
        String reason) {

    /** How bodies are compared. */
    public enum Body {
        NONE,
        /** Byte for byte. */
        HASH,
        /** JSON alone: which fields there are and of what type, whatever their values. */
        JSON_SHAPE
    }

    /** The longest that can be asked for. */
    public static final Duration LONGEST = Duration.ofDays(7);

    public static final int MOST_HEADERS = 20;

    public static final int LARGEST_BODY = 1 << 20;

    /** What both answers of all copies under way may take of memory. */
    public static final long MOST_MEMORY = 64L << 20;

    public MirrorOrder {
        Objects.requireNonNull(since);
        Objects.requireNonNull(until);
        Objects.requireNonNull(body);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(reason);
        headers = List.copyOf(headers);
        if (share < 1 || share > 10_000) {
            throw new IllegalArgumentException("share: " + share + " (expected: 1..10000)");
        }
        if (headers.size() > MOST_HEADERS || bodyLimit < 0 || bodyLimit > LARGEST_BODY || maxInFlight < 1) {
            throw new IllegalArgumentException("headers: " + headers.size() + ", bodyLimit: " + bodyLimit
                    + ", maxInFlight: " + maxInFlight + " (expected: at most " + MOST_HEADERS + ", 0.."
                    + LARGEST_BODY + ", 1 at least)");
        }
    }

    /** What is left of it, zero if it has passed. */
    public Duration left(Instant now) {
        Duration left = Duration.between(now, until);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether it has ended by itself. */
    public boolean hasPassed(Instant now) {
        return !now.isBefore(until);
    }
}
