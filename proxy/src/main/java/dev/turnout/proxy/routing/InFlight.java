package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Thread-safe. What the control plane does with requests and tunnels under way, and what it asks of them. */
public interface InFlight {

    /**
     * Closes what is still in flight on a pool; returns at once, the event loops do it.
     *
     * @param idleOnly only exchanges and tunnels without a byte in either direction for some seconds
     */
    void close(Colour colour, boolean idleOnly);

    /** Closes what is still in flight on one backend; returns at once, the event loops do it. */
    default void close(Backend backend) {}

    /**
     * Ends what is of one kind on a pool, as its protocol has it, each event loop its oldest first; returns at once.
     *
     * @param left how many may be ended; the event loops count it down, and who sets it to 0 takes the rest back
     */
    default void end(Colour colour, LongLived kind, AtomicInteger left) {}

    /** The oldest in flight on a pool, the oldest first, of the event loops that answer in time; completes on any thread. */
    default CompletionStage<List<InFlightView>> oldest(Colour colour, int most) {
        return CompletableFuture.completedFuture(List.of());
    }

    /** How many requests wait for the end of a hold. */
    default long held() {
        return 0;
    }
}
