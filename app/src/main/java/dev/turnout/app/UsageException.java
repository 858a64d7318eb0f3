package dev.turnout.app;

/** A command line that cannot be carried out as it stands. */
final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String usage;

    /** @param usage what would have been right, for the user to read */
    UsageException(String message, String usage) {
        super(message);
        this.usage = usage;
    }

    String usage() {
        return usage;
    }
}
