package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Duty;
import dev.turnout.proxy.routing.Pool.Member;
import dev.turnout.proxy.routing.PoolEdit;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Immutable. The commands that edit the backends of a pool at run time. A backend that stays is the same object with its
 * health, its connections and its counters; one that is new starts down; one that is removed is drained, and gone when nothing
 * is in flight there any more. None takes the last usable backend from a pool that takes requests, unless forced.
 */
public sealed interface PoolChange extends Change
        permits PoolChange.Put,
                PoolChange.Add,
                PoolChange.Weight,
                PoolChange.Drain,
                PoolChange.Undrain,
                PoolChange.Remove,
                PoolChange.Gone,
                NameChange {

    /** Backends that a pool may have. */
    int MOST_BACKENDS = 5000;

    /** The pool that is edited. */
    Colour colour();

    @Override
    default Colour target(RoutingTable table) {
        return colour();
    }

    /** The backends of a pool are these, and those that these names lead to, and no others. */
    record Put(Colour colour, Optional<String> version, List<BackendSettings> backends, List<NamedBackends> names)
            implements PoolChange {
        public Put {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(version);
            backends = List.copyOf(backends);
            names = List.copyOf(names);
        }

        @Override
        public String action() {
            return "pool-set";
        }

        @Override
        public String about() {
            return backends.size() + " backends"
                    + (names.isEmpty() ? "" : ", " + names.size() + " names")
                    + version.map(text -> ", version " + text).orElse("");
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Pool pool = table.pool(colour);
            PoolNames nextNames = pool.names().with(names);
            List<Member> next = PoolMembers.of(pool, backends, nextNames, conditions.backends());
            String label = version.orElse(pool.version());
            if (label.equals(pool.version()) && next.equals(pool.members()) && nextNames.equals(pool.names())) {
                return table;
            }
            return edited(table, pool.with(nextNames, pool.members()), label, next, conditions);
        }
    }

    /** One backend more; one that is leaving stays. */
    record Add(Colour colour, BackendSettings backend) implements PoolChange {
        public Add {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(backend);
        }

        @Override
        public String action() {
            return "backend-add";
        }

        @Override
        public String about() {
            return backend.address().toString();
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Pool pool = table.pool(colour);
            Optional<Member> present = PoolMembers.find(pool, backend.address());
            checkGiven(table, colour, backend.address());
            if (present.isPresent() && present.get().duty() != Duty.LEAVING) {
                if (present.get().weight() == backend.weight()) {
                    return table;
                }
                throw new ChangeRefused(
                        Kind.BACKEND_EXISTS,
                        backend.address() + " is in " + colour.label() + " with weight "
                                + present.get().weight() + "; PATCH gives it another one",
                        table.revision());
            }
            List<Member> next = new ArrayList<>(pool.members());
            Backend added = present.isPresent()
                    ? present.get().backend()
                    : conditions
                            .backends()
                            .make(colour, backend.address(), backend.address().toString(), pool.settings());
            present.ifPresent(next::remove);
            next.add(new Member(added, backend.weight()));
            if (next.size() > MOST_BACKENDS) {
                throw new ChangeRefused(
                        Kind.BACKEND_EXISTS,
                        colour.label() + " has " + MOST_BACKENDS + " backends, more are not possible",
                        table.revision());
            }
            return edited(table, pool, pool.version(), next, conditions);
        }
    }

    /** Another weight for one backend. */
    record Weight(Colour colour, BackendAddress address, int weight) implements PoolChange {
        public Weight {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(address);
        }

        @Override
        public String action() {
            return "backend-weight";
        }

        @Override
        public String about() {
            return address + " weight " + weight;
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            checkGiven(table, colour, address);
            return replaced(table, this, address, conditions, member -> member.withWeight(weight));
        }
    }

    /** No new requests to one backend; what is in flight goes on. */
    record Drain(Colour colour, BackendAddress address) implements PoolChange {
        public Drain {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(address);
        }

        @Override
        public String action() {
            return "backend-drain";
        }

        @Override
        public String about() {
            return address.toString();
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            return replaced(
                    table,
                    this,
                    address,
                    conditions,
                    member -> member.duty() == Duty.LEAVING ? member : member.on(Duty.DRAINED));
        }
    }

    /**
     * One backend takes requests again, and stays if it was leaving; if no name leads there any more it is from then on as one
     * whose address was given.
     */
    record Undrain(Colour colour, BackendAddress address) implements PoolChange {
        public Undrain {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(address);
        }

        @Override
        public String action() {
            return "backend-undrain";
        }

        @Override
        public String about() {
            return address.toString();
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            boolean found = table.pool(colour).names().addresses().contains(address);
            return replaced(
                    table,
                    this,
                    address,
                    conditions,
                    member -> member.duty() == Duty.LEAVING && !found
                            ? new Member(member.backend(), member.weight())
                            : member.on(Duty.SERVING));
        }
    }

    /** One backend is drained, and gone when nothing is in flight there any more. */
    record Remove(Colour colour, BackendAddress address) implements PoolChange {
        public Remove {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(address);
        }

        @Override
        public String action() {
            return "backend-remove";
        }

        @Override
        public String about() {
            return address.toString();
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            checkGiven(table, colour, address);
            checkNotFound(table, colour, address);
            return replaced(table, this, address, conditions, member -> member.on(Duty.LEAVING));
        }
    }

    /**
     * Backends are gone. Those that are leaving and have nothing in flight, which Turnout takes up itself; or one whatever is
     * in flight there, which is cut then.
     */
    record Gone(Colour colour, Set<BackendAddress> addresses) implements PoolChange {
        public Gone {
            Objects.requireNonNull(colour);
            addresses = Set.copyOf(addresses);
        }

        @Override
        public String action() {
            return "backend-gone";
        }

        @Override
        public String about() {
            return addresses.size() == 1 ? addresses.iterator().next().toString() : addresses.size() + " backends";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            Pool pool = table.pool(colour);
            List<Member> next = pool.members().stream()
                    .filter(member -> member.duty() != Duty.LEAVING
                            || !addresses.contains(member.backend().address()))
                    .toList();
            return next.size() == pool.members().size() ? table : table.withPool(pool.with(pool.edit(), next));
        }
    }

    private static void checkGiven(RoutingTable table, Colour colour, BackendAddress address) throws ChangeRefused {
        Optional<Member> member = PoolMembers.find(table.pool(colour), address);
        if (member.filter(each -> each.name().isPresent() && each.duty() != Duty.LEAVING)
                .isPresent()) {
            throw fromName(table, address, member.get().name().orElseThrow());
        }
    }

    /** Without its address it would be there all the same, as one that the name leads to. */
    private static void checkNotFound(RoutingTable table, Colour colour, BackendAddress address) throws ChangeRefused {
        Pool pool = table.pool(colour);
        Optional<BackendName> leading = pool.names().leadingTo(address);
        if (leading.isPresent() && PoolMembers.find(pool, address).isPresent()) {
            throw fromName(table, address, leading.get());
        }
    }

    private static ChangeRefused fromName(RoutingTable table, BackendAddress address, BackendName name) {
        return new ChangeRefused(
                Kind.BACKEND_FROM_NAME,
                address + " is where " + name + " leads; drain it, or edit that name",
                table.revision());
    }

    private static RoutingTable replaced(
            RoutingTable table,
            PoolChange change,
            BackendAddress address,
            Conditions conditions,
            Function<Member, Member> replacement)
            throws ChangeRefused {
        Pool pool = table.pool(change.colour());
        Member present = PoolMembers.find(pool, address)
                .orElseThrow(() -> new ChangeRefused(
                        Kind.NO_SUCH_BACKEND,
                        address + " is not in " + change.colour().label(),
                        table.revision()));
        Member next = replacement.apply(present);
        if (next.equals(present)) {
            return table;
        }
        List<Member> members = new ArrayList<>(pool.members());
        members.set(members.indexOf(present), next);
        return edited(table, pool, pool.version(), members, conditions);
    }

    /** The table with that pool, edited at run time, if it can do with these members. */
    static RoutingTable edited(
            RoutingTable table, Pool pool, String version, List<Member> members, Conditions conditions)
            throws ChangeRefused {
        String definition = pool.edit().map(PoolEdit::definition).orElseGet(() -> pool.settings()
                .definition());
        Pool next = pool.with(Optional.of(new PoolEdit(version, definition)), members);
        PoolMembers.checkServed(table, next, conditions);
        return table.withPool(next);
    }
}
