package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Release.Phase;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import dev.turnout.proxy.routing.Freeze;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.Optional;
import java.util.stream.Collectors;

/** Immutable. What several commands that move traffic have in common. Pure. */
final class ReleaseRules {

    /** Backends of which an answer says why they are not usable. */
    private static final int MOST_TOLD = 10;

    private ReleaseRules() {}

    static Release release(RoutingTable table) throws ChangeRefused {
        return table.orders()
                .release()
                .orElseThrow(() -> new ChangeRefused(Kind.NO_RELEASE, "no release is under way", table.revision()));
    }

    static Release canary(RoutingTable table) throws ChangeRefused {
        Release release = release(table);
        if (release.phase() != Phase.CANARY) {
            throw new ChangeRefused(
                    Kind.NO_RELEASE,
                    "the traffic has moved to " + release.candidate().label()
                            + " already, which is watched; rollback goes back, confirm ends the wait for it",
                    table.revision());
        }
        return release;
    }

    static void checkNoRelease(RoutingTable table) throws ChangeRefused {
        Optional<Release> release = table.orders().release();
        if (release.isPresent()) {
            boolean canary = release.get().phase() == Phase.CANARY;
            throw new ChangeRefused(
                    Kind.RELEASE_IN_PROGRESS,
                    "release " + release.get().id() + " of "
                            + release.get().candidate().label()
                            + (canary
                                    ? " is under way; promote it with full, or abort it, first"
                                    : " is still watched; confirm it, wait for the end of its bake, or roll back,"
                                            + " first"),
                    table.revision());
        }
    }

    /** Refuses what would move the traffic, or hold it for something else, behind the back of a switch that waits under a hold. */
    static void checkNoSwitchHeld(RoutingTable table, Conditions conditions) throws ChangeRefused {
        Optional<Colour> to = table.orders().standing(conditions.now()).hold().flatMap(HoldOrder::switchTo);
        if (to.isPresent()) {
            throw new ChangeRefused(
                    Kind.RELEASE_IN_PROGRESS,
                    "a switch to " + to.get().label()
                            + " is under way, and requests wait for it; a rollback calls it off,"
                            + " and so does the end of its hold",
                    table.revision());
        }
    }

    static void checkFrozen(RoutingTable table, Conditions conditions) throws ChangeRefused {
        Optional<Freeze> freeze = table.orders().freeze().filter(order -> !order.isOver(conditions.now()));
        if (freeze.isPresent() && !conditions.force()) {
            throw new ChangeRefused(
                    Kind.FROZEN,
                    "releases are frozen until " + freeze.get().until() + " by "
                            + freeze.get().by() + ": " + freeze.get().reason() + "; rollback and abort work",
                    table.revision());
        }
    }

    static void checkUsable(RoutingTable table, Colour colour, Conditions conditions) throws ChangeRefused {
        if (table.pool(colour).usable() == 0 && !conditions.force()) {
            throw new ChangeRefused(Kind.NO_USABLE_BACKEND, whyUnusable(table.pool(colour)), table.revision());
        }
    }

    /**
     * Refuses to go back to a pool that says it is another version than users had there. What Turnout does by itself is forced: it has
     * found the version that users have to be bad.
     */
    static void checkVersion(RoutingTable table, Colour old, Conditions conditions) throws ChangeRefused {
        Pool pool = table.pool(old);
        if (!conditions.force() && isOfAnotherVersion(pool, conditions.leftWith())) {
            throw new ChangeRefused(
                    Kind.ROLLBACK_TARGET_CHANGED,
                    whyStale(pool, conditions.leftWith()) + "; force, if that is meant"
                            + (table.orders().standing(conditions.now()).hold().isPresent()
                                    ? "; new requests still wait under a hold"
                                    : ""),
                    table.revision());
        }
    }

    private static boolean isOfAnotherVersion(Pool pool, String leftWith) {
        int end = leftWith.lastIndexOf(Pool.VERSION_AT);
        return end > 0
                && !pool.version().isEmpty()
                && !leftWith.substring(0, end).equals(pool.version());
    }

    static String whyStale(Pool pool, String leftWith) {
        return pool.colour().label() + " is not as it was when it had the traffic: it was " + leftWith + ", it is "
                + pool.fingerprint();
    }

    /** Refuses to give all the traffic to a new colour that could not bear it. */
    static void checkGate(RoutingTable table, Release release, Conditions conditions) throws ChangeRefused {
        SwitchGate.check(table, release.candidate(), release.plan().gate(), conditions);
    }

    /** The release goes on with another share; whoever gives all of it asks the gate first. */
    static RoutingTable raised(RoutingTable table, Release before, Release after, Conditions conditions)
            throws ChangeRefused {
        if (after.weight() == Bucket.COUNT && before.weight() < Bucket.COUNT) {
            checkGate(table, before, conditions);
        }
        return with(table, after);
    }

    static RoutingTable with(RoutingTable table, Release release) {
        return table.withOrders(table.orders().withRelease(Optional.of(release)));
    }

    /** The traffic is with the new colour: and the release goes on, or is over. */
    static RoutingTable moved(RoutingTable table, Release release, Conditions conditions) {
        Aftercare after = release.plan().aftercare();
        RoutingTable next = after.holdback() > 0
                ? table.withActive(release.candidate())
                : table.withActive(release.candidate(), drainOf(table.active(), conditions));
        Optional<Release> goesOn = after.isAny() ? Optional.of(release.baking(conditions.now())) : Optional.empty();
        return next.withSameRevision(next.orders().withRelease(goesOn));
    }

    /** All to the old colour, and nobody waits for it by order; the new one is left alone. */
    static RoutingTable backFrom(RoutingTable standing, Release release, Conditions conditions) throws ChangeRefused {
        RoutingTable table = standing.withoutHold();
        Colour old = release.candidate().other();
        DrainOrder order = drainOf(release.candidate(), conditions);
        if (table.active() == old) {
            return table.withOrders(table.orders().withDrain(order).withRelease(Optional.empty()));
        }
        checkVersion(standing, old, conditions);
        checkUsable(table, old, conditions);
        RoutingTable next = table.withActive(old, order);
        return next.withSameRevision(next.orders().withRelease(Optional.empty()));
    }

    static RoutingTable ended(RoutingTable table, Release release, Conditions conditions) {
        Orders orders = table.orders().withRelease(Optional.empty());
        Colour old = release.candidate().other();
        return table.withOrders(orders.drain(old).isPresent() ? orders : orders.withDrain(drainOf(old, conditions)));
    }

    /** The order a colour is under when it has lost the traffic. */
    static DrainOrder drainOf(Colour colour, Conditions conditions) {
        return new DrainOrder(colour, conditions.now(), conditions.now().plus(conditions.drain()), OnDeadline.REPORT);
    }

    static String whyUnusable(Pool pool) {
        return whyUnusable(pool, pool);
    }

    /** The same of a pool that would be, told from what it is. */
    static String whyUnusable(Pool pool, Pool standing) {
        String name = pool.colour().label();
        if (pool.members().isEmpty()) {
            String names = pool.names().wanted().stream()
                    .map(each -> each.name().toString())
                    .collect(Collectors.joining(", "));
            return name + (names.isEmpty() ? " has no backends" : " has no backends, nothing was found for " + names);
        }
        int others = pool.members().size() - MOST_TOLD;
        return pool.members().stream()
                .limit(MOST_TOLD)
                .map(member -> member.backend().address() + " weight " + member.weight()
                        + duty(member, standing)
                        + (member.backend().isUp() ? ", up (" : ", down (")
                        + member.backend().health().detail() + ")")
                .collect(Collectors.joining(
                        "; ",
                        name + " has no backend that is up and has a weight: ",
                        others > 0 ? "; and " + others + " more" : ""));
    }

    private static String duty(Pool.Member member, Pool standing) {
        Optional<Pool.Member> before =
                PoolMembers.find(standing, member.backend().address());
        boolean already = before.isPresent() && before.get().duty() == member.duty();
        return switch (member.duty()) {
            case SERVING -> "";
            case DRAINED -> already ? ", drained by order" : ", would be drained";
            case LEAVING -> already ? ", leaving" : ", would leave";
        };
    }
}
