package dev.turnout.proxy.control;

import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Pool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Immutable. What a name was last found to lead to, as it outlives the process: a start may find no name server. */
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
            pool.names().found().forEach((name, found) -> saved.add(new SavedName(pool.colour(), name, found)));
        }
        saved.sort(Comparator.comparing(SavedName::colour)
                .thenComparing(each -> each.name().toString()));
        return saved;
    }
}
