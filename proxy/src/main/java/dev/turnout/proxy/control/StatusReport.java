package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.DrainStatus;
import dev.turnout.proxy.control.Status.PoolStatus;
import dev.turnout.proxy.control.Status.StoreStatus;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.List;

/** Immutable. Tells the state of things from a routing table and the counters of its backends. */
final class StatusReport {

    private StatusReport() {}

    static Status of(RoutingTable table, Instant activeSince, Instant startedAt, StoreStatus store, Instant now) {
        boolean draining = table.isDraining(Colour.BLUE) || table.isDraining(Colour.GREEN);
        return new Status(
                table.revision(),
                table.active(),
                table.previous(),
                draining ? "draining" : "steady",
                activeSince,
                startedAt,
                pool(table, Colour.BLUE, now),
                pool(table, Colour.GREEN, now),
                store,
                table.maintenance());
    }

    private static PoolStatus pool(RoutingTable table, Colour colour, Instant now) {
        Pool pool = table.pool(colour);
        List<BackendStatus> backends = pool.members().stream()
                .map(member -> new BackendStatus(
                        member.backend().address(),
                        member.weight(),
                        member.backend().exchanges(),
                        member.backend().tunnels(),
                        member.backend().health()))
                .toList();
        return new PoolStatus(
                colour,
                colour == table.active() ? "active" : "idle",
                pool.version(),
                (int) backends.stream().filter(each -> each.health().up()).count(),
                (int) backends.stream()
                        .filter(each -> each.health().up() && each.weight() > 0)
                        .count(),
                backends.size(),
                backends.stream().mapToLong(BackendStatus::exchanges).sum(),
                backends.stream().mapToLong(BackendStatus::tunnels).sum(),
                table.drain(colour).map(order -> new DrainStatus(order, state(order, pool, now))),
                backends);
    }

    private static String state(DrainOrder order, Pool pool, Instant now) {
        if (pool.isDrained()) {
            return "drained";
        }
        return now.isBefore(order.deadline()) ? "draining" : "overdue";
    }
}
