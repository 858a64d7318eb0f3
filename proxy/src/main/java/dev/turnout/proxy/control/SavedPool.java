package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.PoolEdit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Immutable. A pool that was edited at run time, as it outlives the process.
 *
 * @param backends whose address was given
 * @param names that lead to others
 */
record SavedPool(Colour colour, PoolEdit edit, List<SavedBackend> backends, List<NamedBackends> names) {

    /** Immutable. */
    record SavedBackend(BackendAddress address, int weight) {
        SavedBackend {
            Objects.requireNonNull(address);
            if (weight < 0 || weight > 100) {
                throw new IllegalArgumentException("weight: " + weight + " (expected: 0..100)");
            }
        }
    }

    SavedPool {
        Objects.requireNonNull(colour);
        Objects.requireNonNull(edit);
        backends = List.copyOf(backends);
        names = List.copyOf(names);
        Set<BackendAddress> addresses = new HashSet<>();
        for (SavedBackend backend : backends) {
            if (!addresses.add(backend.address())) {
                throw new IllegalArgumentException(backend.address() + " is there twice");
            }
        }
    }

    /** Those pools that were edited; backends that are leaving will not be there after a restart. */
    static List<SavedPool> of(Iterable<Pool> pools) {
        List<SavedPool> saved = new ArrayList<>();
        for (Pool pool : pools) {
            pool.edit()
                    .ifPresent(edit -> saved.add(new SavedPool(
                            pool.colour(),
                            edit,
                            PoolMembers.given(pool).stream()
                                    .map(each -> new SavedBackend(each.address(), each.weight()))
                                    .toList(),
                            pool.names().wanted())));
        }
        return saved;
    }
}
