package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. The order that new requests wait. It ends by itself, whatever becomes of who gave it.
 *
 * @param revision of the table that it came into force with, by which it is told from any other
 * @param since when it was given; if it took the place of another, when that one was
 * @param until when it ends
 * @param maxQueued requests that wait at a time, over all event loops; further ones are refused
 * @param maxBytes of memory that they take
 * @param reason for people; may be empty
 * @param switchTo the colour of the switch under way for which it was given, which a rollback calls off; empty if for none
 */
public record HoldOrder(
        long revision,
        Instant since,
        Instant until,
        int maxQueued,
        long maxBytes,
        String reason,
        Optional<Colour> switchTo) {

    /** The longest that can be asked for. */
    public static final Duration LONGEST = Duration.ofMinutes(5);

    /** How many may wait if nothing is said. */
    public static final int MAX_QUEUED = 10_000;

    /** How much memory they may take if nothing is said. */
    public static final long MAX_BYTES = 64L << 20;

    public HoldOrder {
        Objects.requireNonNull(since);
        Objects.requireNonNull(until);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(switchTo);
        if (maxQueued < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "maxQueued: " + maxQueued + ", maxBytes: " + maxBytes + " (expected: 1 at least)");
        }
    }

    /** A hold by itself. */
    public HoldOrder(long revision, Instant since, Instant until, int maxQueued, long maxBytes, String reason) {
        this(revision, since, until, maxQueued, maxBytes, reason, Optional.empty());
    }

    /** What is left of it, zero if it has passed; never more than its length, even if the clock was set back. */
    public Duration left(Instant now) {
        Duration left = Duration.between(now, until);
        Duration length = Duration.between(since, until);
        Duration bounded = left.compareTo(length) < 0 ? left : length;
        return bounded.isNegative() ? Duration.ZERO : bounded;
    }

    /** Whether it has ended by itself. */
    public boolean hasPassed(Instant now) {
        return left(now).isZero();
    }
}
