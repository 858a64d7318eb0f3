package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Immutable. The commands of a mirror: they say whether the idle colour gets copies, and nothing of where users go. */
public sealed interface MirrorChange extends Change {

    @Override
    default Colour target(RoutingTable table) {
        return table.active().other();
    }

    /**
     * Copies of requests go to the idle colour. Given again, it takes the place of the one before, and counts anew.
     *
     * @param until as the rest, see {@link MirrorOrder}
     */
    record Start(
            Instant until,
            int share,
            List<String> headers,
            MirrorOrder.Body body,
            int bodyLimit,
            int maxInFlight,
            Duration timeout,
            String reason)
            implements MirrorChange {
        public Start {
            Objects.requireNonNull(until);
            Objects.requireNonNull(body);
            Objects.requireNonNull(timeout);
            Objects.requireNonNull(reason);
            headers = List.copyOf(headers);
        }

        @Override
        public String action() {
            return "mirror";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Colour idle = table.active().other();
            Optional<DrainOrder> drain = table.drain(idle);
            if (drain.isPresent()) {
                throw new ChangeRefused(
                        Kind.POOL_IS_DRAINED,
                        idle.label() + " has been under an order to drain since "
                                + drain.get().since() + " and takes no requests; undrain it first",
                        table.revision());
            }
            ReleaseRules.checkUsable(table, idle, conditions);
            MirrorOrder order = new MirrorOrder(
                    table.revision() + 1,
                    conditions.now(),
                    until,
                    share,
                    headers,
                    body,
                    bodyLimit,
                    maxInFlight,
                    timeout,
                    reason);
            return table.withOrders(table.orders().withMirror(Optional.of(order)));
        }
    }

    /** No more copies. */
    record End() implements MirrorChange {

        @Override
        public String action() {
            return "mirror-end";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return table.mirror() == null
                    ? table
                    : table.withOrders(table.orders().withMirror(Optional.empty()));
        }
    }

    /** A mirror has ended by itself; taken up by Turnout, not by an operator. */
    record Expire(long revision) implements MirrorChange {

        @Override
        public String action() {
            return "mirror-expired";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            MirrorOrder standing = table.mirror();
            return standing == null || standing.revision() != revision
                    ? table
                    : table.withOrders(table.orders().withMirror(Optional.empty()));
        }
    }
}
