package dev.turnout.proxy.exchange;

import dev.turnout.config.RetrySettings;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.Method;

/**
 * Immutable. Whether a request is tried again after an attempt that failed: see docs/RATIONALE.md, "What is tried again".
 * Pure: what the retry budget allows is asked after it.
 *
 * @param attempts for one request, the first included
 * @param withinNanos from the start of a request; after that no further attempt begins
 * @param bodyLimit bytes of a body that are kept
 * @param statuses bit {@code status - 500} is set for those that are tried again
 * @param nonIdempotent whether every request counts as idempotent
 */
record RetryRules(int attempts, long withinNanos, int bodyLimit, int statuses, boolean nonIdempotent) {

    /** A request that is what its backends die of takes so many of them with it, not all. */
    private static final int MOST_LOST = 2;

    /** What is to be done. */
    enum Again {
        NO,
        /** At the same backend, over a new connection: it is well, only the kept connection was stale. */
        FRESH,
        /** At another backend. */
        ELSEWHERE
    }

    /** How an attempt failed. */
    enum Trouble {
        /** No connection, or none of the request was handed to it: it cannot have acted. */
        NOT_SENT,
        /** The connection was closed before a byte of an answer. */
        NO_ANSWER,
        /** The backend answered with a status that is to be tried again. */
        BAD_STATUS
    }

    /**
     * Immutable. What the decision is about.
     *
     * @param repeatable whether doing it twice is as good as once, see {@link #isRepeatable}
     * @param reused whether it went over a connection that had served before
     * @param lost backends that may have died of it, that of this attempt included: they ended it without an answer, and it was
     *     over a connection that had not served before, or such a one could not be had or did no better
     * @param bodyKept whether all of the body that was read so far can be sent again
     * @param made attempts so far
     * @param ageNanos since the request began
     */
    record Attempt(boolean repeatable, boolean reused, int lost, boolean bodyKept, int made, long ageNanos) {}

    static RetryRules of(RetrySettings settings) {
        int statuses = 0;
        for (int status : settings.retryOn()) {
            statuses |= 1 << (status - 500);
        }
        return new RetryRules(
                settings.attempts(), settings.within().toNanos(), settings.body(), statuses, settings.nonIdempotent());
    }

    /** Whether doing a request twice is as good as once (RFC 9110 section 9.2.2), or is said to be. */
    boolean isRepeatable(Method method, boolean hasIdempotencyKey) {
        return method.isIdempotent() || hasIdempotencyKey || nonIdempotent;
    }

    /**
     * Whether a request may be sent again after it was sent once.
     *
     * @param bodyLength as in {@link Head#bodyLength()}; a body in chunks may turn out to be too long
     */
    boolean maySendAgain(boolean repeatable, long bodyLength) {
        return repeatable && attempts > 1 && bodyLength <= bodyLimit;
    }

    /** Whether this status of a backend is tried again. */
    boolean isRetried(int status) {
        return status >= 500 && status < 532 && (statuses >>> (status - 500) & 1) != 0;
    }

    /** What to do after an attempt failed. */
    Again after(Trouble trouble, Attempt attempt) {
        if (attempt.made() >= attempts || attempt.ageNanos() >= withinNanos) {
            return Again.NO;
        }
        if (!attempt.bodyKept() || attempt.lost() >= MOST_LOST) {
            return Again.NO;
        }
        return switch (trouble) {
            case NOT_SENT -> attempt.reused() ? Again.FRESH : Again.ELSEWHERE;
            case NO_ANSWER -> afterNoAnswer(attempt);
            case BAD_STATUS -> attempt.repeatable() ? Again.ELSEWHERE : Again.NO;
        };
    }

    private static Again afterNoAnswer(Attempt attempt) {
        if (!attempt.repeatable()) {
            return Again.NO;
        }
        return attempt.reused() ? Again.FRESH : Again.ELSEWHERE;
    }
}
