package dev.turnout.proxy.control;

import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.PoolEdit;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. The pools are as the configuration file says now. Backends that stay are not touched; those that the file no longer
 * names are drained, and then gone. Edits made at run time stand as long as the file says of that pool what it said when they
 * began.
 *
 * @param discardEdits whether edits made at run time do not stand
 * @param what differs, for the history
 */
record Reload(
        PoolSettings blue, PoolSettings green, BalancerSettings balancing, boolean discardEdits, List<String> what)
        implements Change {

    static final String ACTION = "config-reload";

    /** One that lets edits stand that may. */
    Reload(PoolSettings blue, PoolSettings green, BalancerSettings balancing) {
        this(blue, green, balancing, false, List.of());
    }

    Reload {
        Objects.requireNonNull(blue);
        Objects.requireNonNull(green);
        Objects.requireNonNull(balancing);
        what = List.copyOf(what);
    }

    /** Whether the edit of a pool at run time, if there is one, is given up for what the file says. */
    static boolean dropsEdit(Pool pool, PoolSettings read, boolean discardEdits) {
        return pool.edit()
                .filter(edit -> discardEdits || !edit.definition().equals(read.definition()))
                .isPresent();
    }

    @Override
    public String about() {
        return String.join(", ", what);
    }

    /** Without the settings, which hold secrets. */
    @Override
    public String toString() {
        return "Reload[" + about() + "]";
    }

    @Override
    public String action() {
        return ACTION;
    }

    @Override
    public Colour target(RoutingTable table) {
        return table.active();
    }

    @Override
    public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
        RoutingTable next = table;
        for (Colour colour : Colour.values()) {
            Pool before = table.pool(colour);
            Optional<Pool> after = after(before, colour == Colour.BLUE ? blue : green, conditions);
            if (after.isPresent()) {
                PoolMembers.checkServed(table, after.get(), conditions);
                next = next.withPool(after.get());
            }
        }
        // However much differs, it is one change.
        return next.revision() == table.revision() ? table : next.of(table.revision() + 1);
    }

    /** Empty if nothing differs. */
    private Optional<Pool> after(Pool pool, PoolSettings read, Conditions conditions) {
        // The connections that are there begin as they began.
        PoolSettings settings = read.with(pool.settings().proxyProtocol());
        Optional<PoolEdit> edit = dropsEdit(pool, read, discardEdits) ? Optional.empty() : pool.edit();
        PoolNames names = edit.isPresent() ? pool.names() : pool.names().with(read.names());
        List<Pool.Member> members = edit.isPresent()
                ? pool.members()
                : PoolMembers.of(pool.with(settings), read.backends(), names, conditions.backends());
        boolean same = settings.equals(pool.settings())
                && names.equals(pool.names())
                && balancing.equals(pool.balancing())
                && edit.equals(pool.edit())
                && members.equals(pool.members());
        return same
                ? Optional.empty()
                : Optional.of(new Pool(pool.colour(), settings, balancing, members, edit, names));
    }
}
