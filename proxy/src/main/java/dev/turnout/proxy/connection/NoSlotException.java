package dev.turnout.proxy.connection;

import java.io.IOException;

/** Each connection that a backend may have was in use for as long as one is waited for. */
public final class NoSlotException extends IOException {

    private static final long serialVersionUID = 1L;

    NoSlotException() {
        super("all connections are in use");
    }

    /** It is thrown for control, not for people. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
