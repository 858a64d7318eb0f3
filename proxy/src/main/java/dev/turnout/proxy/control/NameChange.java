package dev.turnout.proxy.control;

import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Member;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.List;
import java.util.Objects;

/** Immutable. The commands that edit the names by which the backends of a pool are found. */
public sealed interface NameChange extends PoolChange {

    /** The name that is edited. */
    BackendName name();

    @Override
    default String about() {
        return name().toString();
    }

    /** The names of the pool with this edit. */
    PoolNames after(RoutingTable table, PoolNames names) throws ChangeRefused;

    @Override
    default RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
        Pool pool = table.pool(colour());
        PoolNames next = after(table, pool.names());
        if (next.equals(pool.names())) {
            return table;
        }
        List<Member> members = PoolMembers.of(pool, PoolMembers.given(pool), next, conditions.backends());
        return PoolChange.edited(table, pool.with(next, pool.members()), pool.version(), members, conditions);
    }

    private static NamedBackends present(RoutingTable table, NameChange change, PoolNames names) throws ChangeRefused {
        return names.find(change.name())
                .orElseThrow(() -> new ChangeRefused(
                        Kind.NO_SUCH_BACKEND,
                        change.name() + " is not in " + change.colour().label(),
                        table.revision()));
    }

    /** One name more. */
    record Add(Colour colour, NamedBackends added) implements NameChange {
        public Add {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(added);
        }

        @Override
        public BackendName name() {
            return added.name();
        }

        @Override
        public String action() {
            return "backend-add";
        }

        @Override
        public PoolNames after(RoutingTable table, PoolNames names) throws ChangeRefused {
            NamedBackends present = names.find(name()).orElse(null);
            if (present == null) {
                return names.and(added);
            }
            if (present.equals(added)) {
                return names;
            }
            throw new ChangeRefused(
                    Kind.BACKEND_EXISTS,
                    name() + " is in " + colour.label() + " with weight " + present.weight()
                            + "; PATCH gives it another one",
                    table.revision());
        }
    }

    /** Another weight for all that one name leads to. */
    record Weight(Colour colour, BackendName name, int weight) implements NameChange {
        public Weight {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(name);
        }

        @Override
        public String action() {
            return "backend-weight";
        }

        @Override
        public String about() {
            return name + " weight " + weight;
        }

        @Override
        public PoolNames after(RoutingTable table, PoolNames names) throws ChangeRefused {
            NamedBackends present = present(table, this, names);
            if (name.isSrv()) {
                throw new ChangeRefused(
                        Kind.BACKEND_FROM_NAME, name + " has the weights of its SRV records", table.revision());
            }
            return names.with(names.wanted().stream()
                    .map(each -> each.equals(present) ? new NamedBackends(name, weight) : each)
                    .toList());
        }
    }

    /** One name is not looked up any more; those that it alone led to are drained, and gone when nothing is in flight there. */
    record Remove(Colour colour, BackendName name) implements NameChange {
        public Remove {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(name);
        }

        @Override
        public String action() {
            return "backend-remove";
        }

        @Override
        public PoolNames after(RoutingTable table, PoolNames names) throws ChangeRefused {
            return names.without(present(table, this, names).name());
        }
    }
}
