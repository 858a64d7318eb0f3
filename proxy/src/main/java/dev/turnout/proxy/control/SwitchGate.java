package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.config.GateSettings;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.stream.Collectors;

/**
 * Immutable. What a switch finds: whether the new colour could bear what the old one bears now. Pure.
 *
 * @param usable backends of the new colour that would get requests
 * @param total how many that would be if all were up, and one for each name that leads nowhere; never fewer than are usable,
 *     though records may put first what is not up
 * @param activeUsable the same as {@code usable} of the colour that has the traffic
 * @param weight of the backends of the new colour that are usable
 * @param activeWeight the same of the colour that has the traffic
 * @param inFlight exchanges and tunnels on the colour that has the traffic; during a release on both, which share it
 * @param room what {@code backend-limits} let the new colour have in flight; 0: no limit
 */
public record SwitchGate(
        int usable, int total, int activeUsable, int weight, int activeWeight, long inFlight, long room) {

    static SwitchGate of(RoutingTable table, Colour to) {
        Pool next = table.pool(to);
        Pool active = table.pool(table.active());
        return new SwitchGate(
                next.usable(),
                Math.max(next.wanted(), next.usable()) + next.missing().size(),
                active.usable(),
                next.usableWeight(),
                active.usableWeight(),
                active.exchanges()
                        + active.tunnels()
                        + (table.release() == null ? 0 : next.exchanges() + next.tunnels()),
                (long) next.usable() * next.settings().limits().leases());
    }

    /** Share of its backends that would get requests, rounded down. */
    public int healthyPercent() {
        return total == 0 ? 0 : Math.min(100, 100 * usable / total);
    }

    /** Weight of its usable backends in percent of that of the colour that has the traffic, rounded down; 100 if that has none. */
    public int capacityPercent() {
        return activeWeight == 0 ? 100 : (int) Math.min(Integer.MAX_VALUE, 100L * weight / activeWeight);
    }

    /** Refuses a switch that the new colour could not bear. */
    static void check(RoutingTable table, Colour to, GateTerms terms, Conditions conditions) throws ChangeRefused {
        SwitchGate gate = of(table, to);
        GateSettings asked = terms.over(conditions.gate());
        if (conditions.force() || table.isServing(to)) {
            return;
        }
        if (gate.healthyPercent() < asked.minHealthy()) {
            throw new ChangeRefused(
                    Kind.GATE_FAILED,
                    gate.usable() + " of " + gate.total() + " backends of " + to.label() + " are usable, which is "
                            + gate.healthyPercent() + " %, and at least " + asked.minHealthy() + " % are asked for"
                            + missing(table.pool(to)),
                    table.revision());
        }
        if (gate.capacityPercent() < asked.minCapacity()) {
            throw new ChangeRefused(
                    Kind.GATE_FAILED,
                    "the usable backends of " + to.label() + " have a weight of " + gate.weight() + " in all, which is "
                            + gate.capacityPercent() + " % of the " + gate.activeWeight() + " of "
                            + table.active().label() + ", and at least " + asked.minCapacity() + " % are asked for",
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

    private static String missing(Pool pool) {
        return pool.missing().stream()
                .map(name -> "; " + name + " leads nowhere")
                .collect(Collectors.joining());
    }
}
