package dev.turnout.app;

/** Immutable. What the process tells the shell; scripts rely on the numbers. */
enum ExitCode {
    DONE(0),
    /** The command was understood but refused, or something went wrong. */
    FAILED(1),
    WRONG_USAGE(2),
    /** The admin API gave no answer: whether the command was carried out is not known. */
    UNREACHABLE(3),
    /** The change was made, and was waited for in vain: requests are still in flight. */
    STILL_DRAINING(4);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
