package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.Pool.Member;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Immutable. What edits of a pool and a reload of its settings have in common. Pure. */
final class PoolMembers {

    private PoolMembers() {}

    /** Members for these backends, in their order: those of the pool where it has them, and behind them those that leave. */
    static List<Member> of(Pool pool, List<BackendSettings> wanted, BackendFactory factory) {
        Map<BackendAddress, Member> present = new LinkedHashMap<>();
        pool.members().forEach(member -> present.put(member.backend().address(), member));
        List<Member> next = new ArrayList<>();
        for (BackendSettings each : wanted) {
            Member before = present.remove(each.address());
            Backend backend =
                    before == null ? factory.make(pool.colour(), each.address(), pool.settings()) : before.backend();
            Duty duty = before == null || before.duty() == Duty.LEAVING ? Duty.SERVING : before.duty();
            next.add(new Member(backend, each.weight(), duty));
        }
        present.values().forEach(member -> next.add(member.on(Duty.LEAVING)));
        return next;
    }

    static Optional<Member> find(Pool pool, BackendAddress address) {
        return pool.members().stream()
                .filter(member -> member.backend().address().equals(address))
                .findFirst();
    }

    /** Refuses to leave a pool that takes requests without anybody to serve them. */
    static void checkServed(RoutingTable table, Pool next, Conditions conditions) throws ChangeRefused {
        boolean served = table.pool(next.colour()).usable() > 0;
        if (served && next.usable() == 0 && table.takesTraffic(next.colour()) && !conditions.force()) {
            throw new ChangeRefused(
                    Kind.NO_USABLE_BACKEND,
                    "requests go to " + next.colour().label() + ", and it would be left with nobody to serve them: "
                            + Objects.requireNonNull(ReleaseRules.whyUnusable(next))
                            + "; add the new backends first, wait until they are up, then remove the old ones",
                    table.revision());
        }
    }
}
