package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Immutable. What of the routing outlives the process.
 *
 * @param activeSince when the active colour became so
 * @param wentBack when the traffic went back, or what was to move it was called off, so that a rollback would not go back but
 *     forward; empty if something has moved it since
 * @param history changes made, newest first, at most {@value #HISTORY_LIMIT}
 * @param orders as in {@link RoutingTable}
 * @param leftWith the {@link dev.turnout.proxy.routing.Pool#fingerprint} of the pool that lost the traffic last; empty if there
 *     was none
 * @param pools those that were edited at run time
 * @param names what those of both pools were last found to lead to
 * @param drained which backends of both pools are drained by order
 */
public record SavedState(
        long revision,
        Colour active,
        Optional<Colour> previous,
        Instant activeSince,
        Optional<Instant> wentBack,
        Orders orders,
        List<HistoryEntry> history,
        String leftWith,
        List<SavedPool> pools,
        List<SavedName> names,
        SavedDrains drained) {

    static final int HISTORY_LIMIT = 200;

    /** Actions that go back. */
    private static final Set<String> BACK =
            Set.of(Change.Rollback.ACTION, ReleaseChange.ABORT, ReleaseChange.AUTO_ROLLBACK);

    public SavedState {
        Objects.requireNonNull(active);
        Objects.requireNonNull(previous);
        Objects.requireNonNull(activeSince);
        Objects.requireNonNull(wentBack);
        Objects.requireNonNull(orders);
        history = List.copyOf(history);
        Objects.requireNonNull(leftWith);
        pools = List.copyOf(pools);
        names = List.copyOf(names);
        Objects.requireNonNull(drained);
    }

    SavedState(
            long revision,
            Colour active,
            Optional<Colour> previous,
            Instant activeSince,
            Orders orders,
            List<HistoryEntry> history) {
        this(
                revision,
                active,
                previous,
                activeSince,
                Optional.empty(),
                orders,
                history,
                "",
                List.of(),
                List.of(),
                SavedDrains.NONE);
    }

    /** The state of a first start, without a history. */
    static SavedState first(RoutingTable table, Instant now) {
        return new SavedState(table.revision(), table.active(), table.previous(), now, table.orders(), List.of());
    }

    /** The same state, with what was seen of the release under way. */
    SavedState withRelease(Release release) {
        return new SavedState(
                revision,
                active,
                previous,
                activeSince,
                wentBack,
                orders.withRelease(Optional.of(release)),
                history,
                leftWith,
                pools,
                names,
                drained);
    }

    /** The same state, with what the names of that table lead to now, and those of its backends that are drained. */
    SavedState withNames(RoutingTable table) {
        return new SavedState(
                revision,
                active,
                previous,
                activeSince,
                wentBack,
                orders,
                history,
                leftWith,
                pools,
                SavedName.of(List.of(table.blue(), table.green())),
                SavedDrains.of(table));
    }

    /** The state after the change of that entry led to that table. */
    SavedState after(HistoryEntry entry, RoutingTable table) {
        List<HistoryEntry> longer = new ArrayList<>();
        longer.add(entry);
        longer.addAll(history.subList(0, Math.min(history.size(), HISTORY_LIMIT - 1)));
        return new SavedState(
                table.revision(),
                table.active(),
                table.previous(),
                table.active() == active ? activeSince : entry.at(),
                wentBackAfter(entry, table),
                table.orders(),
                longer,
                table.active() == active ? leftWith : table.pool(active).fingerprint(),
                SavedPool.of(List.of(table.blue(), table.green())),
                SavedName.of(List.of(table.blue(), table.green())),
                SavedDrains.of(table));
    }

    /**
     * What was called off before any traffic moved was mostly the next release, which is to stay where it is. Only where the idle pool
     * is labelled as what had the traffic last is it known that going there is going back.
     */
    private Optional<Instant> wentBackAfter(HistoryEntry entry, RoutingTable table) {
        boolean back = BACK.contains(entry.action());
        if (table.active() != active) {
            return back ? Optional.of(entry.at()) : Optional.empty();
        }
        Pool idle = table.pool(active.other());
        boolean isOld = !idle.version().isEmpty() && idle.fingerprint().equals(leftWith);
        return back && wentBack.isEmpty() && !isOld ? Optional.of(entry.at()) : wentBack;
    }

    /** The same of a file that does not say it, as far as its history goes back. */
    static Optional<Instant> wentBack(Colour active, List<HistoryEntry> history) {
        for (HistoryEntry entry : history) {
            if (BACK.contains(entry.action())) {
                return Optional.of(entry.at());
            }
            if (entry.from() != active) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
