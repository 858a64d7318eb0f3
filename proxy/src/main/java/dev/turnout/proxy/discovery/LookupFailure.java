package dev.turnout.proxy.discovery;

import java.util.concurrent.CompletionException;

/** Immutable. A look-up has led to nothing. */
final class LookupFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Answer answer;

    /** @param answer why */
    LookupFailure(Answer answer) {
        super(answer.toString(), null, false, false);
        this.answer = answer;
    }

    static LookupFailure absent(String why) {
        return new LookupFailure(new Answer.Absent(why));
    }

    static LookupFailure failed(String why) {
        return new LookupFailure(new Answer.Failed(why));
    }

    /** What such a failure of a stage says: that nobody knows, if it is no failure of a look-up but a fault. */
    static Answer answer(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof LookupFailure told
                ? told.answer
                : new Answer.Failed(String.valueOf(cause.getMessage()));
    }
}
