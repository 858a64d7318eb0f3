package dev.turnout.proxy.control;

import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.Pool.Member;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.List;

/**
 * Immutable. What a table becomes of the answers to the look-ups of names: the same revision, as they are no commands. Each returns
 * the very same table if nothing differs. Pure.
 */
final class NamedPools {

    private NamedPools() {}

    /** The same table, that name having been found to lead there; what is not asked for any more changes nothing. */
    static RoutingTable found(RoutingTable table, Colour colour, BackendName name, List<Found> found) {
        Pool pool = table.pool(colour);
        boolean known =
                pool.names().found().containsKey(name) && pool.names().of(name).equals(found);
        if (known || pool.names().find(name).isEmpty()) {
            return table;
        }
        return with(table, pool.with(pool.names().leading(name, found), pool.members()));
    }

    /** The same table, with the backends that its names lead to. */
    static RoutingTable settled(RoutingTable table, BackendFactory factory) {
        RoutingTable next = table;
        for (Colour colour : Colour.values()) {
            Pool pool = table.pool(colour);
            PoolNames names = pool.names();
            if (!names.wanted().isEmpty()) {
                Pool settled = PoolMembers.settled(pool, names, isNeeded(table, colour), factory);
                next = settled == pool ? next : with(next, settled);
            }
        }
        return next;
    }

    /** Whether requests go there, or would after a rollback. */
    private static boolean isNeeded(RoutingTable table, Colour colour) {
        return table.takesTraffic(colour)
                || table.previous().filter(before -> before == colour).isPresent();
    }

    /** The same table, without those that a name had led to, that leave, and have nothing in flight. */
    static RoutingTable withoutDrained(RoutingTable table) {
        RoutingTable next = table;
        for (Colour colour : Colour.values()) {
            Pool pool = table.pool(colour);
            List<Member> staying = pool.members().stream()
                    .filter(member -> member.name().isEmpty()
                            || member.duty() != Duty.LEAVING
                            || !member.backend().isDrained())
                    .toList();
            next = staying.size() == pool.members().size() ? next : with(next, pool.with(pool.edit(), staying));
        }
        return next;
    }

    private static RoutingTable with(RoutingTable table, Pool pool) {
        return table.withPool(pool).of(table.revision());
    }
}
