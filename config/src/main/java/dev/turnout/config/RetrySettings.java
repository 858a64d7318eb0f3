package dev.turnout.config;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * Immutable. When a request that failed at one backend is tried again.
 *
 * @param attempts for one request, the first included; 1: none is tried again
 * @param budgetPercent share of the requests under way that may be further attempts
 * @param budgetMin further attempts under way that are allowed whatever the share
 * @param within time from the start of a request after which no further attempt begins
 * @param body bytes of a request body that are kept for a further attempt; a longer one is not tried again
 * @param retryOn statuses of a backend, out of 502, 503 and 504, that are tried again
 * @param nonIdempotent whether a request may be tried again though it may have acted and is not idempotent
 */
public record RetrySettings(
        int attempts,
        int budgetPercent,
        int budgetMin,
        Duration within,
        int body,
        Set<Integer> retryOn,
        boolean nonIdempotent) {

    public RetrySettings {
        Objects.requireNonNull(within);
        retryOn = Set.copyOf(retryOn);
    }
}
