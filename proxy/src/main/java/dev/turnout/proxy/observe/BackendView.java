package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;

/** Thread-safe. What metrics may read of one backend. */
public interface BackendView {

    Colour colour();

    BackendAddress address();

    /** Whether it may be chosen, as far as its health goes. */
    boolean isUp();

    /** Exchanges and tunnels under way. */
    long inFlight();

    /** Answers so far with a status code of {@code codeClass} 1..5 (1xx..5xx). */
    long responses(int codeClass);
}
