package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;
import java.util.List;

/** Immutable. What metrics may read of a routing table. */
public interface RoutingView {

    long revision();

    Colour active();

    /** Whether that pool refuses new leases while some are still held. */
    boolean isDraining(Colour colour);

    /** Share of requests that the new colour of a release gets, 0 to 1; 0 without one. */
    double canaryShare();

    /** Whether all requests are answered by Turnout itself. */
    boolean maintenance();

    /** Backends of that pool that get requests as far as health, ejections, weights and orders go. */
    int usable(Colour colour);

    /** Whether so few of that pool are usable that all are used. */
    boolean isInPanic(Colour colour);

    List<? extends BackendView> backends();
}
