package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. What of the routing outlives the process.
 *
 * @param activeSince when the active colour became so
 * @param history changes made, newest first, at most {@value #HISTORY_LIMIT}
 * @param orders as in {@link RoutingTable}
 */
public record SavedState(
        long revision,
        Colour active,
        Optional<Colour> previous,
        Instant activeSince,
        Orders orders,
        List<HistoryEntry> history) {

    static final int HISTORY_LIMIT = 200;

    public SavedState {
        Objects.requireNonNull(active);
        Objects.requireNonNull(previous);
        Objects.requireNonNull(activeSince);
        Objects.requireNonNull(orders);
        history = List.copyOf(history);
    }

    /** The state of a first start, without a history. */
    static SavedState first(RoutingTable table, Instant now) {
        return new SavedState(table.revision(), table.active(), table.previous(), now, table.orders(), List.of());
    }

    /** Whether it was a rollback that made the active colour so, as far as the history goes back. */
    boolean isRolledBack() {
        return history.stream()
                // Whatever came after that change was made while this colour was active.
                .filter(entry -> entry.from() != active)
                .findFirst()
                .filter(entry -> entry.action().equals(Change.Rollback.ACTION))
                .isPresent();
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
                table.orders(),
                longer);
    }
}
