package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import java.util.List;

/** Thread-safe. What metrics may read of one backend. */
public interface BackendView {

    /** Classes of status codes, 1xx to 5xx. */
    int CODE_CLASSES = 5;

    /** The ways in which a backend can fail that Turnout sees itself. */
    List<String> LOCAL_FAILURES = List.of("connect", "broken", "timeout");

    Colour colour();

    BackendAddress address();

    /** Whether it may be chosen, as far as its health goes. */
    boolean isUp();

    /** Whether it gets no requests for a while for what traffic showed of it. */
    boolean isEjected();

    /** Times it was ejected. */
    long ejections();

    /** Times it was not, because too many of its pool were. */
    long ejectionOverflows();

    /** Failures so far of a kind of {@link #LOCAL_FAILURES}. */
    long localFailures(int kind);

    /** Exchanges and tunnels under way. */
    long inFlight();

    /** Connections open to it. */
    long connections();

    /** Answers so far with a status code of {@code codeClass}, 1..{@value #CODE_CLASSES}. */
    long responses(int codeClass);
}
