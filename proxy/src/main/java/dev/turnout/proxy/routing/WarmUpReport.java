package dev.turnout.proxy.routing;

import java.util.List;

/**
 * Immutable. What a warm-up did.
 *
 * @param connections opened by it, for requests and to be there for those of users
 * @param requests that were to be sent
 * @param failedRequests of them, without a whole answer in time or with a status of 5xx, those among them that were not sent any more
 * @param failedConnections that were to be opened and were not; where one fails no more are tried
 * @param failures some of what went wrong, in words; at most {@value #MOST_FAILURES}
 */
public record WarmUpReport(
        int backends,
        int connections,
        int requests,
        int failedRequests,
        int failedConnections,
        long tookNanos,
        List<String> failures) {

    /** How many failures are told in words. */
    public static final int MOST_FAILURES = 5;

    public WarmUpReport {
        failures = List.copyOf(failures);
    }

    /** Requests and connections that came to nothing. */
    public int failed() {
        return failedRequests + failedConnections;
    }
}
