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
 * @param drains pools under an order to take no new requests
 * @param maintenance whether requests are answered by Turnout itself, whatever else is said here
 */
public record RoutingTable(
        long revision,
        Colour active,
        Optional<Colour> previous,
        Pool blue,
        Pool green,
        List<DrainOrder> drains,
        boolean maintenance)
        implements RoutingView {

    public RoutingTable {
        Objects.requireNonNull(active);
        Objects.requireNonNull(previous);
        Objects.requireNonNull(blue);
        Objects.requireNonNull(green);
        drains = List.copyOf(drains);
    }

    /** A table without maintenance. */
    public RoutingTable(
            long revision, Colour active, Optional<Colour> previous, Pool blue, Pool green, List<DrainOrder> drains) {
        this(revision, active, previous, blue, green, drains, false);
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
        return drains.stream().filter(order -> order.colour() == colour).findFirst();
    }

    /** The next table: {@code to} has the traffic under no order, and the colour that had it is under {@code old}. */
    public RoutingTable withActive(Colour to, DrainOrder old) {
        if (to == active || old.colour() != active) {
            throw new IllegalArgumentException(
                    active + " is active, cannot go to " + to + " and drain " + old.colour());
        }
        return new RoutingTable(revision + 1, to, Optional.of(active), blue, green, List.of(old), maintenance);
    }

    /** The next table, with this order in place of any other for its pool. */
    public RoutingTable withDrain(DrainOrder order) {
        List<DrainOrder> next = othersThan(order.colour());
        next.add(order);
        return new RoutingTable(revision + 1, active, previous, blue, green, next, maintenance);
    }

    /** The next table, with no order for that pool. */
    public RoutingTable withoutDrain(Colour colour) {
        return new RoutingTable(revision + 1, active, previous, blue, green, othersThan(colour), maintenance);
    }

    /** The next table, with maintenance begun or ended. */
    public RoutingTable withMaintenance(boolean begun) {
        return new RoutingTable(revision + 1, active, previous, blue, green, drains, begun);
    }

    private List<DrainOrder> othersThan(Colour colour) {
        List<DrainOrder> others = new ArrayList<>(drains);
        others.removeIf(order -> order.colour() == colour);
        return others;
    }

    /** The same table, of the same revision, with candidates chosen anew by the health of this moment. */
    public RoutingTable refreshed() {
        return new RoutingTable(revision, active, previous, blue.refreshed(), green.refreshed(), drains, maintenance);
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
