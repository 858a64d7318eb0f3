package dev.turnout.admin;

import dev.turnout.proxy.control.ChangeRefused;

/** Immutable. The table of errors a client of the admin API can get; documented in openapi.json. */
enum ProblemType {
    VALIDATION(400, "The request is not valid"),
    MALFORMED_REQUEST(400, "The request is not HTTP as it should be"),
    UNAUTHORIZED(401, "A valid token is needed"),
    FORBIDDEN(403, "The token's role does not allow this"),
    CROSS_SITE(403, "The request comes from another web site"),
    NOT_FOUND(404, "There is nothing at this path"),
    NO_SUCH_BACKEND(404, "There is no such backend in the pool"),
    METHOD_NOT_ALLOWED(405, "The path does not know this method"),
    REQUEST_TIMEOUT(408, "The request took too long to arrive"),
    NO_USABLE_BACKEND(409, "The pool has no usable backend"),
    RECENTLY_SWITCHED(409, "Traffic was switched a moment ago"),
    POOL_IS_ACTIVE(409, "The pool has the traffic"),
    POOL_IS_DRAINED(409, "The pool is under an order to drain"),
    NO_PREVIOUS_COLOUR(409, "There is nothing to go back to"),
    ALREADY_ROLLED_BACK(409, "The traffic has gone back already"),
    ROLLBACK_TARGET_CHANGED(409, "The old colour is of another version now"),
    RELEASE_IN_PROGRESS(409, "A release is under way"),
    NO_RELEASE(409, "There is no release this could be done to"),
    NO_FURTHER_STEP(409, "The canary is at its last step"),
    HELD_SWITCH_FAILED(409, "The switch under a hold was not made"),
    GATE_FAILED(409, "The new colour could not bear the traffic"),
    WARM_UP_FAILED(409, "The new colour could not be warmed up"),
    MIRROR_GATE_FAILED(409, "The mirror found too much that differs"),
    BACKEND_EXISTS(409, "The pool has that backend, or no room for another"),
    BACKEND_FROM_NAME(409, "A name leads to that backend"),
    NO_CONFIG_FILE(409, "This Turnout was not started from a file"),
    IDEMPOTENCY_KEY_IN_USE(409, "The first request with this key is still running"),
    REVISION_MISMATCH(412, "The state is not the one you saw"),
    PAYLOAD_TOO_LARGE(413, "The body is too large"),
    URI_TOO_LONG(414, "The request line is too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body must be JSON"),
    HOST_NOT_ALLOWED(421, "The Host field names a host that is not served here"),
    IDEMPOTENCY_KEY_REUSED(422, "The key belongs to another request"),
    CONFIG_NOT_VALID(422, "The configuration file has errors"),
    FROZEN(423, "Releases are frozen"),
    HEAD_TOO_LARGE(431, "The header fields are too large"),
    INTERNAL_ERROR(500, "Turnout made a mistake"),
    STATE_NOT_SAVED(503, "The state could not be saved"),
    TOO_MANY_COMMANDS(503, "Too many commands are waiting for their turn"),
    SHUTTING_DOWN(503, "Turnout is shutting down"),
    NOT_READY(503, "Turnout is not ready for traffic"),
    TOO_MANY_WAITING(503, "Too many requests are waiting for something to happen");

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The problem type of a change that was not made. */
    static ProblemType of(ChangeRefused.Kind kind) {
        return switch (kind) {
            case REVISION_MISMATCH -> REVISION_MISMATCH;
            case NO_USABLE_BACKEND -> NO_USABLE_BACKEND;
            case RECENTLY_SWITCHED -> RECENTLY_SWITCHED;
            case POOL_IS_ACTIVE -> POOL_IS_ACTIVE;
            case POOL_IS_DRAINED -> POOL_IS_DRAINED;
            case NO_PREVIOUS_COLOUR -> NO_PREVIOUS_COLOUR;
            case ALREADY_ROLLED_BACK -> ALREADY_ROLLED_BACK;
            case ROLLBACK_TARGET_CHANGED -> ROLLBACK_TARGET_CHANGED;
            case RELEASE_IN_PROGRESS -> RELEASE_IN_PROGRESS;
            case NO_RELEASE -> NO_RELEASE;
            case NO_FURTHER_STEP -> NO_FURTHER_STEP;
            case FROZEN -> FROZEN;
            case HELD_SWITCH_FAILED -> HELD_SWITCH_FAILED;
            case GATE_FAILED -> GATE_FAILED;
            case WARM_UP_FAILED -> WARM_UP_FAILED;
            case NO_SUCH_BACKEND -> NO_SUCH_BACKEND;
            case BACKEND_EXISTS -> BACKEND_EXISTS;
            case BACKEND_FROM_NAME -> BACKEND_FROM_NAME;
            case STATE_NOT_SAVED -> STATE_NOT_SAVED;
            case TOO_MANY_COMMANDS -> TOO_MANY_COMMANDS;
            case SHUTTING_DOWN -> SHUTTING_DOWN;
        };
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** The name in X-Turnout-Error and the end of the type's URI: {@code revision-mismatch}. */
    String word() {
        return Json.word(this);
    }
}
