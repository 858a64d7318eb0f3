package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import dev.turnout.proxy.release.Release;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. What the operator has ordered besides which colour is active; all of it outlives the process.
 *
 * @param drains pools that take no new requests, at most one order each
 * @param maintenance whether requests are answered by Turnout itself, whatever else is said here
 * @param freeze no release begins or goes on
 * @param release the one under way
 * @param hold that new requests wait; may have passed
 * @param keepsUsers the colour that lost the traffic by a switch was told to keep its users, and was not drained since
 * @param mirror that requests are copied to the idle colour; a drain of a pool ends it, and so does the next switch
 */
public record Orders(
        List<DrainOrder> drains,
        boolean maintenance,
        Optional<Freeze> freeze,
        Optional<Release> release,
        Optional<HoldOrder> hold,
        boolean keepsUsers,
        Optional<MirrorOrder> mirror) {

    /** Nothing is ordered. */
    public static final Orders NONE =
            new Orders(List.of(), false, Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());

    public Orders {
        drains = List.copyOf(drains);
        Objects.requireNonNull(freeze);
        Objects.requireNonNull(release);
        Objects.requireNonNull(hold);
        Objects.requireNonNull(mirror);
    }

    /** The order under which that pool is drained, if there is one. */
    public Optional<DrainOrder> drain(Colour colour) {
        return drains.stream().filter(order -> order.colour() == colour).findFirst();
    }

    /** With these drains and no others; with any, without a mirror. */
    public Orders withDrains(List<DrainOrder> next) {
        return new Orders(
                next, maintenance, freeze, release, hold, keepsUsers, next.isEmpty() ? mirror : Optional.empty());
    }

    /** With this order in place of any other for its pool. */
    public Orders withDrain(DrainOrder order) {
        List<DrainOrder> next = othersThan(order.colour());
        next.add(order);
        return withDrains(next);
    }

    /** With no order for that pool. */
    public Orders withoutDrain(Colour colour) {
        return withDrains(othersThan(colour));
    }

    /** With maintenance begun or ended. */
    public Orders withMaintenance(boolean begun) {
        return new Orders(drains, begun, freeze, release, hold, keepsUsers, mirror);
    }

    /** With a freeze, or with none. */
    public Orders withFreeze(Optional<Freeze> next) {
        return new Orders(drains, maintenance, next, release, hold, keepsUsers, mirror);
    }

    /** With this release, or with none. */
    public Orders withRelease(Optional<Release> next) {
        return new Orders(drains, maintenance, freeze, next, hold, keepsUsers, mirror);
    }

    /** With this hold in place of any other. */
    public Orders withHold(HoldOrder order) {
        return new Orders(drains, maintenance, freeze, release, Optional.of(order), keepsUsers, mirror);
    }

    /** With no hold. */
    public Orders withoutHold() {
        return new Orders(drains, maintenance, freeze, release, Optional.empty(), keepsUsers, mirror);
    }

    /** With this mirror, or with none. */
    public Orders withMirror(Optional<MirrorOrder> next) {
        return new Orders(drains, maintenance, freeze, release, hold, keepsUsers, next);
    }

    /** With the users of the idle colour kept there, or not. */
    public Orders withKeepsUsers(boolean kept) {
        return new Orders(drains, maintenance, freeze, release, hold, kept, mirror);
    }

    /** Without what has ended by itself. */
    public Orders standing(Instant now) {
        Orders left = hold.isPresent() && hold.get().hasPassed(now) ? withoutHold() : this;
        return mirror.isPresent() && mirror.get().hasPassed(now) ? left.withMirror(Optional.empty()) : left;
    }

    private List<DrainOrder> othersThan(Colour colour) {
        List<DrainOrder> others = new ArrayList<>(drains);
        others.removeIf(order -> order.colour() == colour);
        return others;
    }
}
