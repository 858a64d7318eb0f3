package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.observe.RoutingView;
import dev.turnout.proxy.request.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. Everything that decides where a request goes, at one moment.
 *
 * @param revision goes up by one with each change
 * @param active the colour with normal traffic
 * @param previous the colour that was active before the last switch; empty until there was one
 * @param orders what the operator has ordered besides
 */
public record RoutingTable(
        long revision, Colour active, Optional<Colour> previous, Pool blue, Pool green, Orders orders)
        implements RoutingView {

    public RoutingTable {
        Objects.requireNonNull(active);
        Objects.requireNonNull(previous);
        Objects.requireNonNull(blue);
        Objects.requireNonNull(green);
        Objects.requireNonNull(orders);
    }

    /** The pool of one colour. */
    public Pool pool(Colour colour) {
        return switch (colour) {
            case BLUE -> blue;
            case GREEN -> green;
        };
    }

    /** The pool that gets this request. */
    public Pool route(RequestHead request) {
        return pool(active);
    }

    /** Whether requests may be sent to that pool at all; backends of the others refuse leases. */
    public boolean takesTraffic(Colour colour) {
        return colour == active && drain(colour).isEmpty();
    }

    /** The order under which that pool is drained, if there is one. */
    public Optional<DrainOrder> drain(Colour colour) {
        return orders.drain(colour);
    }

    @Override
    public boolean maintenance() {
        return orders.maintenance();
    }

    /** The next table: {@code to} has the traffic under no order, and the colour that had it is under {@code old}. */
    public RoutingTable withActive(Colour to, DrainOrder old) {
        if (to == active || old.colour() != active) {
            throw new IllegalArgumentException(
                    active + " is active, cannot go to " + to + " and drain " + old.colour());
        }
        return new RoutingTable(revision + 1, to, Optional.of(active), blue, green, orders.withDrains(List.of(old)));
    }

    /** The next table, with these orders. */
    public RoutingTable withOrders(Orders next) {
        return new RoutingTable(revision + 1, active, previous, blue, green, next);
    }

    /** The same table, of the same revision, with candidates chosen anew by the health of this moment. */
    public RoutingTable refreshed() {
        return new RoutingTable(revision, active, previous, blue.refreshed(), green.refreshed(), orders);
    }

    @Override
    public boolean isDraining(Colour colour) {
        return drain(colour).isPresent() && !pool(colour).isDrained();
    }

    @Override
    public List<Backend> backends() {
        List<Backend> all = new ArrayList<>();
        blue.members().forEach(member -> all.add(member.backend()));
        green.members().forEach(member -> all.add(member.backend()));
        return all;
    }
}
