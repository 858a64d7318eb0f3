package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe, called from all event loops at once without a lock. Picks one of a fixed set of candidates, all of which
 * were up and of a weight above 0 when the balancer was made. A pick is a proposal: the caller still has to get the lease.
 */
public interface Balancer {

    /**
     * Picks a backend.
     *
     * @param request for algorithms that look at it; the others ignore it
     * @param tried a backend to avoid, because an attempt there just failed; picked only if there is no other
     * @return null if there are no candidates
     */
    @Nullable
    Backend pick(RequestHead request, @Nullable Backend tried);
}
