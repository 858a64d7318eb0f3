package dev.turnout.proxy.control;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * Immutable. A change with the conditions under which it is wanted.
 *
 * @param expectedRevision refuse unless the table has this revision
 * @param dryRun check everything, change nothing
 * @param force do it even where a check of health or role says no
 * @param repeatable the caller made sure that a repetition does no harm (it named a target or a key), so that the switch
 *     guard does not apply
 * @param reason for the history; may be empty; what is beyond {@value #REASON_LIMIT} characters is dropped
 */
public record ChangeRequest(
        Change change,
        OptionalLong expectedRevision,
        boolean dryRun,
        boolean force,
        boolean repeatable,
        String reason,
        Actor actor) {

    private static final int REASON_LIMIT = 1000;

    /** The same terms for another change. */
    public ChangeRequest with(Change other) {
        return new ChangeRequest(other, OptionalLong.empty(), dryRun, force, repeatable, reason, actor);
    }

    /** The same for a change that says more exactly what is meant, or is a part of it. */
    public ChangeRequest pinned(Change other) {
        return new ChangeRequest(other, expectedRevision, dryRun, force, repeatable, reason, actor);
    }

    /** The same without effect. */
    public ChangeRequest tried() {
        return new ChangeRequest(change, expectedRevision, true, force, repeatable, reason, actor);
    }

    /** The same, even where a check of health or role says no. */
    public ChangeRequest forced() {
        return new ChangeRequest(change, expectedRevision, dryRun, true, repeatable, reason, actor);
    }

    public ChangeRequest {
        Objects.requireNonNull(change);
        Objects.requireNonNull(expectedRevision);
        reason = reason.length() > REASON_LIMIT ? reason.substring(0, REASON_LIMIT) : reason;
        Objects.requireNonNull(actor);
    }
}
