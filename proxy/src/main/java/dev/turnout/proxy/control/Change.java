package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;

/** Immutable. One admin command, as data. */
public sealed interface Change
        permits Change.SwitchTo,
                Change.Rollback,
                Change.DrainPool,
                Change.UndrainPool,
                Change.Maintenance,
                HoldChange,
                MirrorChange,
                PoolChange,
                Reload,
                ReleaseChange {

    /** Its name in the history, in kebab case: {@code switch}, {@code rollback}, {@code canary-start} and so on. */
    String action();

    /** What it is done to, such as the address of a backend; empty if the action and the colour say it all. */
    default String about() {
        return "";
    }

    /** Whether it asks, before traffic moves by it, if the new colour could bear that: {@link SwitchGate}. */
    default boolean isGated() {
        return false;
    }

    /** The colour that this command, given to that table, is about. */
    Colour target(RoutingTable table);

    /**
     * The table this change leads to, one revision on; the very same table if everything is already as asked. Pure: the
     * outcome depends on nothing but the arguments.
     *
     * @throws ChangeRefused if a rule or the state of a pool is in the way
     */
    RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused;

    /**
     * Makes {@code to} the active colour and drains the other; empty means the idle colour. A colour that is active
     * already and drained by order takes traffic again.
     *
     * @param gate what is asked of it in place of the settings
     * @param watched how the new colour is watched afterwards, by whose aftercare; without steps
     */
    record SwitchTo(Optional<Colour> to, Optional<CanaryPlan> watched, GateTerms gate) implements Change {
        public SwitchTo {
            Objects.requireNonNull(gate);
            Objects.requireNonNull(to);
            Objects.requireNonNull(watched);
        }

        /** A switch that is all there is. */
        public SwitchTo(Optional<Colour> to) {
            this(to, Optional.empty(), GateTerms.NONE);
        }

        @Override
        public String action() {
            return "switch";
        }

        @Override
        public boolean isGated() {
            return true;
        }

        @Override
        public Colour target(RoutingTable table) {
            return to.orElse(table.active().other());
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            boolean switchedBefore = table.previous().isPresent();
            if (to.isEmpty() && switchedBefore && conditions.isGuarded()) {
                throw recentlySwitched(table, conditions);
            }
            Colour next = target(table);
            ReleaseRules.checkNoSwitchHeld(table, conditions);
            if (table.isServing(next) && table.orders().release().isEmpty()) {
                return table;
            }
            ReleaseRules.checkNoRelease(table);
            ReleaseRules.checkFrozen(table, conditions);
            SwitchGate.check(table, next, gate, conditions);
            if (watched.isEmpty() || next == table.active()) {
                return keepingUsers(table, moveTraffic(table, next, conditions));
            }
            ReleaseRules.checkUsable(table, next, conditions);
            String id = "r" + (table.revision() + 1) + "-" + conditions.now().getEpochSecond();
            return ReleaseRules.moved(
                    table, Release.bake(id, next, watched.get(), conditions.baseline(), conditions.now()), conditions);
        }
    }

    /**
     * Goes back to the colour that was active before; or ends a release that is under way, or a switch under a hold, for which the
     * traffic has not moved yet. Nobody is held any longer, whoever ordered it. It never goes forward: when the traffic has gone back
     * already, or was kept where it is, a rollback would bring the very version that was left.
     */
    record Rollback() implements Change {

        static final String ACTION = "rollback";

        @Override
        public String action() {
            return ACTION;
        }

        @Override
        public Colour target(RoutingTable table) {
            return table.orders()
                    .release()
                    .map(release -> release.candidate().other())
                    .orElse(
                            isSwitchHeld(table)
                                    ? table.active()
                                    : table.previous().orElse(table.active()));
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Optional<Release> release = table.orders().release();
            if (release.isPresent()) {
                return ReleaseRules.backFrom(table, release.get(), conditions);
            }
            boolean isBack = table.previous().isEmpty() || conditions.wentBack().isPresent();
            boolean isHeld = table.orders().standing(conditions.now()).hold().isPresent();
            if (isHeld && (isBack || isSwitchHeld(table))) {
                return table.withOrders(table.orders().withoutHold());
            }
            if (conditions.wentBack().isPresent()) {
                throw new ChangeRefused(
                        Kind.ALREADY_ROLLED_BACK,
                        whyDone(table, conditions.wentBack().get()),
                        table.revision());
            }
            if (table.previous().isEmpty()) {
                throw new ChangeRefused(
                        Kind.NO_PREVIOUS_COLOUR,
                        "there was no switch yet, so there is nothing to go back to",
                        table.revision());
            }
            Colour old = table.previous().get();
            ReleaseRules.checkVersion(table, old, conditions);
            return moveTraffic(table.withoutHold(), old, conditions);
        }

        static String whyDone(RoutingTable table, Instant wentBack) {
            String idle = table.active().other().label();
            return "traffic was taken from " + idle + ", or kept from it, at "
                    + wentBack.truncatedTo(ChronoUnit.SECONDS) + ", and a rollback never goes there again: switch to "
                    + idle + " if it has what users are to get";
        }

        /** Whether requests wait for a switch: it would go to the very colour that was active before. */
        static boolean isSwitchHeld(RoutingTable table) {
            return table.orders().hold().flatMap(HoldOrder::switchTo).isPresent();
        }
    }

    /**
     * No new requests to that pool. Given again, it changes the deadline if it names one, and what happens then.
     *
     * @param deadline from now; empty means the setting, or that of the order in force
     */
    record DrainPool(Colour colour, Optional<Duration> deadline, OnDeadline onDeadline) implements Change {
        public DrainPool {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(deadline);
            Objects.requireNonNull(onDeadline);
        }

        @Override
        public String action() {
            return "drain";
        }

        @Override
        public Colour target(RoutingTable table) {
            return colour;
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Optional<DrainOrder> standing = table.drain(colour);
            if (table.isServing(colour) && !conditions.force()) {
                throw new ChangeRefused(
                        Kind.POOL_IS_ACTIVE,
                        colour.label() + " is active: drained, every request would be answered with 503; switch to "
                                + colour.other().label() + " first, or force",
                        table.revision());
            }
            if (table.orders().release().filter(Release::usesBoth).isPresent() && !conditions.force()) {
                throw new ChangeRefused(
                        Kind.RELEASE_IN_PROGRESS,
                        colour.label() + " has a share of the requests of a release; end that first, or force",
                        table.revision());
            }
            DrainOrder order = new DrainOrder(
                    colour,
                    standing.map(DrainOrder::since).orElse(conditions.now()),
                    deadline.map(conditions.now()::plus)
                            .or(() -> standing.map(DrainOrder::deadline))
                            .orElse(conditions.now().plus(conditions.drain())),
                    onDeadline);
            boolean keeps = table.orders().keepsUsers() && colour == table.active();
            return standing.equals(Optional.of(order))
                    ? table
                    : table.withOrders(table.orders().withDrain(order).withKeepsUsers(keeps));
        }
    }

    /**
     * Takes the order of a drain back. The active pool takes traffic again; the idle one, to which none is routed, merely
     * stands under no order.
     */
    record UndrainPool(Colour colour) implements Change {
        public UndrainPool {
            Objects.requireNonNull(colour);
        }

        @Override
        public String action() {
            return "undrain";
        }

        @Override
        public Colour target(RoutingTable table) {
            return colour;
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return table.drain(colour).isEmpty()
                    ? table
                    : table.withOrders(table.orders().withoutDrain(colour));
        }
    }

    /**
     * Has Turnout answer all new requests itself, with 503 and the maintenance page, or ends that. Which colour is active and
     * what is drained stays as it is, and may be changed meanwhile.
     */
    record Maintenance(boolean enabled) implements Change {

        @Override
        public String action() {
            return enabled ? "maintenance-on" : "maintenance-off";
        }

        @Override
        public Colour target(RoutingTable table) {
            return table.active();
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return table.maintenance() == enabled
                    ? table
                    : table.withOrders(table.orders().withMaintenance(enabled));
        }
    }

    private static ChangeRefused recentlySwitched(RoutingTable table, Conditions conditions) {
        return new ChangeRefused(
                Kind.RECENTLY_SWITCHED,
                table.active().label() + " became active at "
                        + conditions.activeSince().truncatedTo(ChronoUnit.SECONDS) + ", less than "
                        + conditions.switchGuard().toMillis() / 1000.0 + " s ago; switch to a named colour, or wait",
                table.revision());
    }

    /** A pool that keeps its users is not drained when it loses the traffic by a switch; by a rollback it is. A drain ends that for good. */
    static RoutingTable keepingUsers(RoutingTable before, RoutingTable moved) {
        return moved.active() == before.active()
                        || !before.pool(before.active()).keepsUsers()
                ? moved
                : moved.withSameRevision(
                        moved.orders().withoutDrain(before.active()).withKeepsUsers(true));
    }

    static RoutingTable moveTraffic(RoutingTable table, Colour to, Conditions conditions) throws ChangeRefused {
        if (table.isServing(to)) {
            return table;
        }
        Pool pool = table.pool(to);
        if (pool.usable() == 0 && !conditions.force()) {
            throw new ChangeRefused(Kind.NO_USABLE_BACKEND, ReleaseRules.whyUnusable(pool), table.revision());
        }
        if (table.active() == to) {
            return table.withOrders(table.orders().withoutDrain(to));
        }
        return table.withActive(to, ReleaseRules.drainOf(table.active(), conditions));
    }
}
