package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;

/** Thread-safe. What metrics may read of one backend. */
public interface BackendView {

    /** Classes of status codes, 1xx to 5xx. */
    int CODE_CLASSES = 5;

    Colour colour();

    BackendAddress address();

    /** Whether it may be chosen, as far as its health goes. */
    boolean isUp();

    /** Exchanges and tunnels under way. */
    long inFlight();

    /** Answers so far with a status code of {@code codeClass}, 1..{@value #CODE_CLASSES}. */
    long responses(int codeClass);
}
