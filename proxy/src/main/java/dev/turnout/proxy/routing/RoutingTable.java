package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.observe.RoutingView;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. Everything that decides where a request goes, at one moment.
 *
 * @param revision goes up by one with each change
 * @param active the colour with normal traffic
 * @param previous the colour that was active before the last switch; empty until there was one
 * @param orders what the operator has ordered besides
 * @param preview whether the settings let operators look at the idle colour, so that it takes their requests
 */
public record RoutingTable(
        long revision, Colour active, Optional<Colour> previous, Pool blue, Pool green, Orders orders, boolean preview)
        implements RoutingView {

    public RoutingTable {
        Objects.requireNonNull(active);
        Objects.requireNonNull(previous);
        Objects.requireNonNull(blue);
        Objects.requireNonNull(green);
        Objects.requireNonNull(orders);
    }

    /** A table without preview. */
    public RoutingTable(long revision, Colour active, Optional<Colour> previous, Pool blue, Pool green, Orders orders) {
        this(revision, active, previous, blue, green, orders, false);
    }

    /** The pool of one colour. */
    public Pool pool(Colour colour) {
        return switch (colour) {
            case BLUE -> blue;
            case GREEN -> green;
        };
    }

    /**
     * Whether requests may be sent to that pool at all; backends of the others refuse leases. The idle colour is one of them
     * unless it has a share of a release or copies of requests, keeps users, or operators look at it.
     */
    public boolean takesTraffic(Colour colour) {
        return drain(colour).isEmpty()
                && (colour == active
                        || preview
                        || isShared()
                        || keepsUsers(colour)
                        || orders.mirror().isPresent());
    }

    /** Whether that is the colour that requests go to unless something else is said of them. */
    public boolean isServing(Colour colour) {
        return colour == active && drain(colour).isEmpty();
    }

    /** The release under way; null if there is none. */
    public @Nullable Release release() {
        return orders.release().orElse(null);
    }

    /** Whether that colour lost the traffic by a switch, and users whose cookie names one of its backends stay with it. */
    public boolean keepsUsers(Colour colour) {
        Pool pool = pool(colour);
        return pool.keepsUsers()
                && orders.keepsUsers()
                && colour != active
                && previous.filter(before -> before == colour).isPresent()
                && orders.release().isEmpty()
                && drain(colour).isEmpty();
    }

    private boolean isShared() {
        return orders.release().filter(Release::usesBoth).isPresent();
    }

    /** The order under which that pool is drained, if there is one. */
    public Optional<DrainOrder> drain(Colour colour) {
        return orders.drain(colour);
    }

    /** The order that new requests wait, which may have passed; null if there is none. */
    public @Nullable HoldOrder hold() {
        return orders.hold().orElse(null);
    }

    /** The order that requests are copied to the idle colour, which may have passed; null if there is none. */
    public @Nullable MirrorOrder mirror() {
        return orders.mirror().orElse(null);
    }

    @Override
    public double canaryShare() {
        return orders.release()
                .map(release -> (double) release.weight() / Bucket.COUNT)
                .orElse(0.0);
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
        return new RoutingTable(
                revision + 1,
                to,
                Optional.of(active),
                blue,
                green,
                orders.withDrains(List.of(old)).withKeepsUsers(false),
                preview);
    }

    /** The next table: {@code to} has the traffic, and neither colour is under an order. */
    public RoutingTable withActive(Colour to) {
        return new RoutingTable(
                revision + 1,
                to,
                Optional.of(active),
                blue,
                green,
                orders.withDrains(List.of()).withKeepsUsers(false).withMirror(Optional.empty()),
                preview);
    }

    /** The same table, of the same revision, without a hold: what the next one is made of that ends it. */
    public RoutingTable withoutHold() {
        return new RoutingTable(revision, active, previous, blue, green, orders.withoutHold(), preview);
    }

    /** The same table, of the same revision, with these orders: what a change has made of it before it is published. */
    public RoutingTable withSameRevision(Orders next) {
        return new RoutingTable(revision, active, previous, blue, green, next, preview);
    }

    /** The next table, with these orders. */
    public RoutingTable withOrders(Orders next) {
        return new RoutingTable(revision + 1, active, previous, blue, green, next, preview);
    }

    /** The same table, of the same revision, with candidates chosen anew by the health of this moment; this one if they are the same. */
    public RoutingTable refreshed() {
        RoutingTable next =
                new RoutingTable(revision, active, previous, blue.refreshed(), green.refreshed(), orders, preview);
        return next.equals(this) ? this : next;
    }

    /** The next table, with that pool in place of the one of its colour. */
    public RoutingTable withPool(Pool pool) {
        return new RoutingTable(
                revision + 1,
                active,
                previous,
                pool.colour() == Colour.BLUE ? pool : blue,
                pool.colour() == Colour.GREEN ? pool : green,
                orders,
                preview);
    }

    /** The same table under another number. */
    public RoutingTable of(long number) {
        return new RoutingTable(number, active, previous, blue, green, orders, preview);
    }

    @Override
    public boolean isDraining(Colour colour) {
        return drain(colour).isPresent() && !pool(colour).isDrained();
    }

    @Override
    public int usable(Colour colour) {
        return pool(colour).usable();
    }

    @Override
    public boolean isInPanic(Colour colour) {
        return pool(colour).isInPanic();
    }

    @Override
    public List<Backend> backends() {
        List<Backend> all = new ArrayList<>();
        blue.members().forEach(member -> all.add(member.backend()));
        green.members().forEach(member -> all.add(member.backend()));
        return all;
    }
}
