package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Pool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Immutable. What a name was last found to lead to, as it outlives the process: a start may find no name server.
 *
 * @param found behind them those that it leads to no more and that its pool keeps: whoever starts with the others alone may have
 *     nobody to serve requests
 */
record SavedName(Colour colour, BackendName name, List<Found> found) {

    SavedName {
        Objects.requireNonNull(colour);
        Objects.requireNonNull(name);
        found = List.copyOf(found);
    }

    /** Those of all pools, in an order that depends on nothing else. */
    static List<SavedName> of(Iterable<Pool> pools) {
        List<SavedName> saved = new ArrayList<>();
        for (Pool pool : pools) {
            Map<BackendName, List<Found>> kept = kept(pool);
            pool.names().found().forEach((name, found) -> {
                List<Found> all = new ArrayList<>(found);
                all.addAll(kept.getOrDefault(name, List.of()));
                saved.add(new SavedName(pool.colour(), name, all));
            });
        }
        saved.sort(Comparator.comparing(SavedName::colour)
                .thenComparing(each -> each.name().toString()));
        return saved;
    }

    private static Map<BackendName, List<Found>> kept(Pool pool) {
        Map<BackendName, List<Found>> kept = new HashMap<>();
        Set<BackendAddress> listed = pool.names().addresses();
        for (Pool.Member member : pool.members()) {
            Backend backend = member.backend();
            if (member.duty() != Pool.Duty.LEAVING && !listed.contains(backend.address())) {
                // Without a weight of its own it has the one beside the name, which may be 0.
                int weight = Math.max(1, member.weight());
                member.name().ifPresent(name -> kept.computeIfAbsent(name, any -> new ArrayList<>())
                        .add(new Found(backend.address(), weight, member.priority(), backend.authority())));
            }
        }
        return kept;
    }
}
