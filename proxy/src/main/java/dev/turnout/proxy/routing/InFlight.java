package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Thread-safe. What the control plane does with requests and tunnels under way, and what it asks of them. */
public interface InFlight {

    /**
     * Closes what is still in flight on a pool; returns at once, the event loops do it.
     *
     * @param idleOnly only exchanges and tunnels without a byte in either direction for some seconds
     */
    void close(Colour colour, boolean idleOnly);

    /**
     * Ends the oldest of one kind on a pool, as its protocol has it; returns at once, the event loops do it.
     *
     * @param most so many, over all event loops
     */
    default void end(Colour colour, LongLived kind, int most) {}

    /** The oldest in flight on a pool, the oldest first; completes on any thread. */
    default CompletionStage<List<InFlightView>> oldest(Colour colour, int most) {
        return CompletableFuture.completedFuture(List.of());
    }

    /** How many requests wait for the end of a hold. */
    default long held() {
        return 0;
    }
}
