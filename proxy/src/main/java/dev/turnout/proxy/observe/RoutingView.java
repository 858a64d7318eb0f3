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

    List<? extends BackendView> backends();
}
