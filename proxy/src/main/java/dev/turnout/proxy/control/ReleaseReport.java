package dev.turnout.proxy.control;

import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Verdict;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. How the release under way goes, or how the last one ended.
 *
 * @param release as it was last
 * @param verdict what the judge last said
 * @param seenInStep requests whose colour was drawn that the new colour was sent in this step
 * @param weaker whether there was nobody to compare with, so that only absolute limits held
 * @param blocked why it does not go on although it could; empty if nothing is in the way
 * @param endedAt empty while it is under way
 * @param end how it ended: the action in the history and its reason
 */
public record ReleaseReport(
        Release release,
        Verdict verdict,
        long seenInStep,
        boolean weaker,
        String blocked,
        Optional<Instant> endedAt,
        String end) {
    public ReleaseReport {
        Objects.requireNonNull(release);
        Objects.requireNonNull(verdict);
        Objects.requireNonNull(blocked);
        Objects.requireNonNull(endedAt);
        Objects.requireNonNull(end);
    }

    /** The same, over. */
    ReleaseReport ended(Instant at, String how) {
        return new ReleaseReport(release, verdict, seenInStep, weaker, "", Optional.of(at), how);
    }
}
