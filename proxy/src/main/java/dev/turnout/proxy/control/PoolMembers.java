package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.Pool.Member;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Immutable. What the backends of a pool are, whoever edits or finds them. Pure. */
final class PoolMembers {

    /** Immutable. A backend that a pool is to have. */
    private record Wanted(int weight, Optional<BackendName> name, int priority, String authority) {}

    private PoolMembers() {}

    /**
     * Members for these backends and what these names lead to, in their order: those of the pool where it has them, and behind them
     * those that leave. An address that is there twice is that of the first.
     */
    static List<Member> of(Pool pool, List<BackendSettings> backends, PoolNames names, BackendFactory factory) {
        return followed(listed(pool, backends, names, factory), pool, member -> false);
    }

    /**
     * The pool after its names were found to lead to what they do now. Whom no name leads to any more leaves; but while the pool
     * takes requests, or may soon, not before the others {@linkplain #canReplace can do without them}. Who is drained by order
     * stays so: an answer that lacks it for a while does not end the order.
     *
     * @param needed whether the pool takes requests, or would after a rollback
     * @return the very same pool if nothing differs
     */
    static Pool settled(Pool pool, PoolNames names, boolean needed, BackendFactory factory) {
        List<Member> listed = listed(pool, given(pool), names, factory);
        boolean kept = needed && !canReplace(listed, others(listed, pool));
        List<Member> next =
                followed(listed, pool, member -> member.duty() == Duty.DRAINED || (kept && mayServe(member.backend())));
        return next.equals(pool.members()) && names.equals(pool.names()) ? pool : pool.with(names, next);
    }

    /** Those of the pool whose address was given, and that stay. */
    static List<BackendSettings> given(Pool pool) {
        return pool.members().stream()
                .filter(member -> member.name().isEmpty() && member.duty() != Duty.LEAVING)
                .map(member -> new BackendSettings(member.backend().address(), member.weight()))
                .toList();
    }

    private static List<Member> listed(
            Pool pool, List<BackendSettings> backends, PoolNames names, BackendFactory factory) {
        Map<BackendAddress, Member> present = new LinkedHashMap<>();
        pool.members().forEach(member -> present.put(member.backend().address(), member));
        List<Member> next = new ArrayList<>();
        wanted(backends, names).forEach((address, each) -> {
            Member before = present.get(address);
            Backend backend = before == null
                    ? factory.make(pool.colour(), address, each.authority(), pool.settings())
                    : before.backend();
            Duty duty = before == null || before.duty() == Duty.LEAVING ? Duty.SERVING : before.duty();
            next.add(new Member(backend, each.weight(), duty, each.name(), each.priority()));
        });
        return next;
    }

    private static Map<BackendAddress, Wanted> wanted(List<BackendSettings> backends, PoolNames names) {
        Map<BackendAddress, Wanted> wanted = new LinkedHashMap<>();
        for (BackendSettings each : backends) {
            wanted.putIfAbsent(
                    each.address(),
                    new Wanted(
                            each.weight(), Optional.empty(), 0, each.address().toString()));
        }
        for (NamedBackends each : names.wanted()) {
            for (Found found : names.of(each.name())) {
                int weight = each.name().isSrv() ? found.weight() : each.weight();
                if (wanted.size() < PoolChange.MOST_BACKENDS) {
                    wanted.putIfAbsent(
                            found.address(),
                            new Wanted(weight, Optional.of(each.name()), found.priority(), found.authority()));
                }
            }
        }
        return wanted;
    }

    /** Behind the listed, all others of the pool: those that stay as they are, and the rest, which leave. */
    private static List<Member> followed(List<Member> listed, Pool pool, Predicate<Member> staying) {
        List<Member> next = new ArrayList<>(listed);
        others(listed, pool).forEach(member -> next.add(staying.test(member) ? member : member.on(Duty.LEAVING)));
        return next;
    }

    /** Whoever is down is no help, and each answer may bring more; but after a start nobody is up before the first probe. */
    private static boolean mayServe(Backend backend) {
        return backend.isUp() || !isProbed(backend);
    }

    private static boolean isProbed(Backend backend) {
        return backend.isUp() || !backend.health().lastProbe().equals(Instant.EPOCH);
    }

    private static List<Member> others(List<Member> listed, Pool pool) {
        Set<BackendAddress> taken = new LinkedHashSet<>();
        listed.forEach(member -> taken.add(member.backend().address()));
        return pool.members().stream()
                .filter(member -> !taken.contains(member.backend().address()))
                .toList();
    }

    /**
     * Whether the listed can do without those others: all were probed, and of those that names lead to so many are usable as are
     * half of the others that are usable or were not probed yet, or half of themselves if they are fewer. If there is no such
     * other, or names lead to nobody, any one that is usable will do.
     */
    private static boolean canReplace(List<Member> listed, List<Member> others) {
        if (listed.stream().anyMatch(member -> member.isServing() && !isProbed(member.backend()))) {
            return false;
        }
        List<Member> named =
                listed.stream().filter(member -> member.name().isPresent()).toList();
        long lost = others.stream()
                .filter(member -> member.isServing()
                        && mayServe(member.backend())
                        && !member.backend().isEjected())
                .count();
        if (lost == 0 || named.isEmpty()) {
            return usable(listed) > 0;
        }
        long most = Math.min(lost, named.stream().filter(Member::isServing).count());
        return usable(named) >= Math.max(1, (most + 1) / 2);
    }

    private static long usable(List<Member> members) {
        return members.stream()
                .filter(member -> member.isServing()
                        && member.backend().isUp()
                        && !member.backend().isEjected())
                .count();
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
                            + ReleaseRules.whyUnusable(next, table.pool(next.colour()))
                            + "; add the new backends first, wait until they are up, then remove the old ones",
                    table.revision());
        }
    }
}
