package dev.turnout.proxy.control;

import java.util.Objects;

/** A change that was not made; nothing is different from before. */
public final class ChangeRefused extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why; each is a problem type of its own in the API. */
    public enum Kind {
        REVISION_MISMATCH,
        NO_USABLE_BACKEND,
        RECENTLY_SWITCHED,
        POOL_IS_ACTIVE,
        POOL_IS_DRAINED,
        NO_PREVIOUS_COLOUR,
        ALREADY_ROLLED_BACK,
        ROLLBACK_TARGET_CHANGED,
        RELEASE_IN_PROGRESS,
        NO_RELEASE,
        NO_FURTHER_STEP,
        FROZEN,
        HELD_SWITCH_FAILED,
        GATE_FAILED,
        WARM_UP_FAILED,
        NO_SUCH_BACKEND,
        BACKEND_EXISTS,
        BACKEND_FROM_NAME,
        STATE_NOT_SAVED,
        TOO_MANY_COMMANDS,
        SHUTTING_DOWN
    }

    private final Kind kind;
    private final long revision;

    /**
     * @param detail for the operator: what is in the way and what to do
     * @param revision the revision in force
     */
    public ChangeRefused(Kind kind, String detail, long revision) {
        super(Objects.requireNonNull(detail));
        this.kind = kind;
        this.revision = revision;
    }

    public Kind kind() {
        return kind;
    }

    public long revision() {
        return revision;
    }
}
