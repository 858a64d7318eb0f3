package dev.turnout.proxy.control;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Another process, or another part of this one, works with the same state file. The message is for the operator. */
public final class StateInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StateInUseException(Path lock, @Nullable Throwable cause) {
        super(
                "the routing state is in use by another Turnout, which holds the lock " + lock
                        + "; give each its own state.file",
                cause);
    }
}
