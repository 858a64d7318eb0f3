package dev.turnout.benchmarks;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.balance.Balancer;
import dev.turnout.proxy.request.RequestHead;
import org.jspecify.annotations.Nullable;

/** Immutable. The null base line of a pick: the same call, and nothing to choose. */
record FixedBalancer(Backend backend) implements Balancer {

    @Override
    public Backend pick(RequestHead request, @Nullable Backend tried) {
        return backend;
    }
}
