package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;

/**
 * Immutable. What a switch finds: whether the new colour could bear what the old one bears now. Pure.
 *
 * @param usable backends of the new colour that would get requests
 * @param total how many that would be if all were up; never fewer, though records may put first what is not up
 * @param activeUsable the same as {@code usable} of the colour that has the traffic
 * @param inFlight exchanges and tunnels on the colour that has the traffic; during a release on both, which share it
 * @param room what {@code backend-limits} let the new colour have in flight; 0: no limit
 */
public record SwitchGate(int usable, int total, int activeUsable, long inFlight, long room) {

    static SwitchGate of(RoutingTable table, Colour to) {
        Pool next = table.pool(to);
        Pool active = table.pool(table.active());
        return new SwitchGate(
                next.usable(),
                Math.max(next.wanted(), next.usable()),
                active.usable(),
                active.exchanges()
                        + active.tunnels()
                        + (table.release() == null ? 0 : next.exchanges() + next.tunnels()),
                (long) next.usable() * next.settings().limits().leases());
    }

    /** Share of its backends that would get requests, rounded down. */
    public int healthyPercent() {
        return total == 0 ? 0 : Math.min(100, 100 * usable / total);
    }

    /** Refuses a switch that the new colour could not bear. */
    static void check(RoutingTable table, Colour to, int minHealthy, Conditions conditions) throws ChangeRefused {
        SwitchGate gate = of(table, to);
        if (conditions.force() || table.isServing(to)) {
            return;
        }
        if (gate.healthyPercent() < minHealthy) {
            throw new ChangeRefused(
                    Kind.GATE_FAILED,
                    gate.usable() + " of " + gate.total() + " backends of " + to.label() + " are usable, which is "
                            + gate.healthyPercent() + " %, and at least " + minHealthy + " % are asked for",
                    table.revision());
        }
        if (gate.room() > 0 && gate.room() < gate.inFlight()) {
            throw new ChangeRefused(
                    Kind.GATE_FAILED,
                    (table.release() == null ? table.active().label() + " has " : "both colours have ")
                            + gate.inFlight()
                            + " requests in flight, and the backend-limits of " + to.label() + " have room for "
                            + gate.room(),
                    table.revision());
        }
    }
}
