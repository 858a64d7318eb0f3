package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Immutable. Which backends are drained by order, as it outlives the process: whether the pool is as the configuration file says
 * or was edited, for an order is given to a backend.
 *
 * @param addresses no colour without any
 */
record SavedDrains(Map<Colour, Set<BackendAddress>> addresses) {

    static final SavedDrains NONE = new SavedDrains(Map.of());

    SavedDrains {
        Map<Colour, Set<BackendAddress>> kept = new EnumMap<>(Colour.class);
        addresses.forEach((colour, drained) -> {
            if (!drained.isEmpty()) {
                kept.put(colour, Set.copyOf(drained));
            }
        });
        addresses = Map.copyOf(kept);
    }

    static SavedDrains of(RoutingTable table) {
        Map<Colour, Set<BackendAddress>> drained = new EnumMap<>(Colour.class);
        for (Colour colour : Colour.values()) {
            drained.put(
                    colour,
                    table.pool(colour).members().stream()
                            .filter(member -> member.duty() == Pool.Duty.DRAINED)
                            .map(member -> member.backend().address())
                            .collect(Collectors.toSet()));
        }
        return new SavedDrains(drained);
    }

    Set<BackendAddress> of(Colour colour) {
        return addresses.getOrDefault(colour, Set.of());
    }

    /** That member, drained if it was. */
    Pool.Member applied(Pool.Member member) {
        return of(member.backend().colour()).contains(member.backend().address())
                ? member.on(Pool.Duty.DRAINED)
                : member;
    }
}
