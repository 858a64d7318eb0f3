package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Immutable. The commands of a hold: they say whether new requests wait, and nothing of where they go. */
public sealed interface HoldChange extends Change {

    @Override
    default Colour target(RoutingTable table) {
        return table.active();
    }

    /**
     * New requests wait. Given again, it takes the place of the one before, but not of one under which a switch is under way.
     *
     * @param until as the rest, see {@link HoldOrder}; if that has passed there is nothing to do
     */
    record Hold(Instant until, int maxQueued, long maxBytes, String reason, Optional<Colour> switchTo)
            implements HoldChange {
        public Hold {
            Objects.requireNonNull(until);
            Objects.requireNonNull(reason);
            Objects.requireNonNull(switchTo);
        }

        /** A hold by itself. */
        public Hold(Instant until, int maxQueued, long maxBytes, String reason) {
            this(until, maxQueued, maxBytes, reason, Optional.empty());
        }

        @Override
        public String action() {
            return "hold";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            if (!until.isAfter(conditions.now())) {
                return table;
            }
            ReleaseRules.checkNoSwitchHeld(table, conditions);
            HoldOrder standing =
                    table.orders().standing(conditions.now()).hold().orElse(null);
            Instant since = standing == null ? conditions.now() : standing.since();
            HoldOrder order = new HoldOrder(table.revision() + 1, since, until, maxQueued, maxBytes, reason, switchTo);
            return table.withOrders(table.orders().withHold(order));
        }
    }

    /**
     * Those who wait go on.
     *
     * @param only the revision of the hold that is meant, if another one shall stand; empty means whichever there is
     */
    record Release(OptionalLong only) implements HoldChange {
        public Release {
            Objects.requireNonNull(only);
        }

        @Override
        public String action() {
            return "release";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return ended(table, only);
        }
    }

    /** A hold has ended by itself; taken up by Turnout, not by an operator. */
    record Expire(long revision) implements HoldChange {

        @Override
        public String action() {
            return "hold-expired";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return ended(table, OptionalLong.of(revision));
        }
    }

    /**
     * Makes {@code to} the active colour and ends the hold, in one revision: those who wait start there.
     *
     * @param gate what is asked of it in place of the settings
     * @param hold revision of the hold under which the switch was prepared; it must still be in force
     */
    record SwitchHeld(Colour to, GateTerms gate, long hold) implements HoldChange {
        public SwitchHeld {
            Objects.requireNonNull(gate);
            Objects.requireNonNull(to);
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
            return to;
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            HoldOrder standing =
                    table.orders().standing(conditions.now()).hold().orElse(null);
            if (standing == null || standing.revision() != hold) {
                throw new ChangeRefused(
                        Kind.HELD_SWITCH_FAILED,
                        standing == null
                                ? "the hold has ended meanwhile: requests have gone on"
                                : "the hold has given way to another one",
                        table.revision());
            }
            ReleaseRules.checkNoRelease(table);
            ReleaseRules.checkFrozen(table, conditions);
            SwitchGate.check(table, to, gate, conditions);
            RoutingTable moved = Change.keepingUsers(table, Change.moveTraffic(table.withoutHold(), to, conditions));
            return moved.revision() == table.revision() ? ended(table, OptionalLong.empty()) : moved;
        }
    }

    /** The next table, without the hold that {@code only} names or any; the very same one if there is none. */
    private static RoutingTable ended(RoutingTable table, OptionalLong only) {
        HoldOrder standing = table.hold();
        if (standing == null || (only.isPresent() && only.getAsLong() != standing.revision())) {
            return table;
        }
        return table.withOrders(table.orders().withoutHold());
    }
}
