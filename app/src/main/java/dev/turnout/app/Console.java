package dev.turnout.app;

import java.io.PrintStream;

/** Immutable. Where a command writes: results to {@code out}, what went wrong to {@code err}. */
record Console(PrintStream out, PrintStream err) {

    /** Says in one line why a command failed. */
    void complain(String message) {
        err.println("turnout: " + message);
    }

    /** Says why in the words of {@code cause}, which were made for the operator. */
    void complain(Exception cause) {
        complain(String.valueOf(cause.getMessage()));
    }
}
