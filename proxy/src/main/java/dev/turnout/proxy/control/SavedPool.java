package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.PoolEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Immutable. A pool that was edited at run time, as it outlives the process. */
record SavedPool(Colour colour, PoolEdit edit, List<SavedBackend> backends) {

    /**
     * Immutable.
     *
     * @param drained whether it is drained by order
     */
    record SavedBackend(BackendAddress address, int weight, boolean drained) {
        SavedBackend {
            Objects.requireNonNull(address);
        }
    }

    SavedPool {
        Objects.requireNonNull(colour);
        Objects.requireNonNull(edit);
        backends = List.copyOf(backends);
    }

    /** Those pools that were edited; backends that are leaving will not be there after a restart. */
    static List<SavedPool> of(Iterable<Pool> pools) {
        List<SavedPool> saved = new ArrayList<>();
        for (Pool pool : pools) {
            pool.edit()
                    .ifPresent(edit -> saved.add(new SavedPool(
                            pool.colour(),
                            edit,
                            pool.members().stream()
                                    .filter(member -> member.duty() != Pool.Duty.LEAVING)
                                    .map(member -> new SavedBackend(
                                            member.backend().address(),
                                            member.weight(),
                                            member.duty() == Pool.Duty.DRAINED))
                                    .toList())));
        }
        return saved;
    }
}
