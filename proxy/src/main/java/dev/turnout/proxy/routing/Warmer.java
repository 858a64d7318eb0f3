package dev.turnout.proxy.routing;

import java.util.concurrent.CompletionStage;

/** Thread-safe. What makes backends ready before they get traffic. */
public interface Warmer {

    /** How many event loops there are, each of which has its own connections to a backend. */
    int eventLoops();

    /**
     * Sends the requests, and then opens the connections; returns at once, the event loops do it.
     *
     * @return completes on any thread and does not fail, at the latest after twice the timeout of the order; what went wrong is in
     *     the report
     * @throws java.util.concurrent.RejectedExecutionException if the process ends
     */
    CompletionStage<WarmUpReport> warmUp(WarmUpOrder order);
}
