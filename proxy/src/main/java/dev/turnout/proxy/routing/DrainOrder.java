package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. The order that a pool takes no new requests; those in flight go on. It stands until it is taken back.
 *
 * @param since when it was given
 * @param deadline when {@code onDeadline} is carried out if requests are still in flight
 */
public record DrainOrder(Colour colour, Instant since, Instant deadline, OnDeadline onDeadline) {

    /** What happens to what is still in flight at the deadline. The pool itself is never stopped. */
    public enum OnDeadline {
        /** Nothing: status says overdue. */
        REPORT,
        /** Connections without a byte in either direction for a while are closed. */
        CLOSE_IDLE,
        /** All are closed. */
        CLOSE
    }

    public DrainOrder {
        Objects.requireNonNull(colour);
        Objects.requireNonNull(since);
        Objects.requireNonNull(deadline);
        Objects.requireNonNull(onDeadline);
    }
}
