package dev.turnout.proxy.control;

import dev.turnout.config.BalancerSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.routing.Pool;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Immutable. What of a pool's settings is put in force when the file is read again, by the keys of the file. Pure. */
final class PoolKeys {

    /** In the order in which they are told; names of backends stand among the backends. */
    private static final List<Key> KEYS = List.of(
            new Key("version", PoolSettings::version, Pool::version),
            new Key("backends", PoolSettings::backends, PoolMembers::given),
            new Key("backends", PoolSettings::names, pool -> pool.names().wanted()),
            new Key("health", PoolSettings::health),
            new Key("outlier-detection", PoolSettings::outliers),
            new Key("backend-limits", PoolSettings::limits),
            new Key("sticky", PoolSettings::sticky),
            new Key("sticky-across-switch", PoolSettings::stickyAcrossSwitch),
            new Key("slow-start", PoolSettings::slowStart),
            new Key("warm-up", PoolSettings::warmUp));

    /**
     * Immutable.
     *
     * @param value in the file
     * @param edited the same of a pool that was edited at run time
     */
    private record Key(String name, Function<PoolSettings, Object> value, Function<Pool, Object> edited) {
        /** One that is not edited at run time. */
        Key(String name, Function<PoolSettings, Object> value) {
            this(name, value, pool -> value.apply(pool.settings()));
        }
    }

    private PoolKeys() {}

    /** How many components of {@link PoolSettings} are looked at. */
    static int size() {
        return KEYS.size();
    }

    /**
     * Keys that differ from what is in force.
     *
     * @param unedited whether an edit of the pool at run time is given up, so that its version and backends are those of the file
     */
    static List<String> of(Pool pool, PoolSettings read, boolean unedited) {
        Set<String> differ = new LinkedHashSet<>();
        for (Key key : KEYS) {
            Object standing = unedited ? key.edited().apply(pool) : key.value().apply(pool.settings());
            if (!isSame(standing, key.value().apply(read), unedited)) {
                differ.add("pools." + pool.colour().label() + "." + key.name());
            }
        }
        return List.copyOf(differ);
    }

    /** Edits leave backends in the order in which they came, which says nothing. */
    private static boolean isSame(Object standing, Object read, boolean unedited) {
        if (unedited && standing instanceof List<?> one && read instanceof List<?> other) {
            return Set.copyOf(one).equals(Set.copyOf(other));
        }
        return standing.equals(read);
    }

    /** The same of how backends are chosen. */
    static List<String> of(BalancerSettings standing, BalancerSettings read) {
        List<String> differ = new ArrayList<>();
        if (standing.kind() != read.kind()) {
            differ.add("balancer");
        }
        if (!standing.hash().equals(read.hash())) {
            differ.add("hash");
        }
        return differ;
    }
}
