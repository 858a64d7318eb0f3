package dev.turnout.proxy.routing;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.NamedBackends;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Immutable. The names by which backends of a pool are found, and what each was last found to lead to.
 *
 * @param wanted in the order in which they were given, none twice
 * @param found of those that have ever been; what was found before a name was taken out of the pool is forgotten
 */
public record PoolNames(List<NamedBackends> wanted, Map<BackendName, List<Found>> found) {

    /** There are none. */
    public static final PoolNames NONE = new PoolNames(List.of(), Map.of());

    public PoolNames {
        wanted = List.copyOf(wanted);
        Map<BackendName, List<Found>> kept = new HashMap<>();
        for (NamedBackends each : wanted) {
            List<Found> known = found.get(each.name());
            if (known != null) {
                kept.put(each.name(), List.copyOf(known));
            }
        }
        found = Map.copyOf(kept);
    }

    /** These names, and what is known of them here. */
    public PoolNames with(List<NamedBackends> next) {
        return next.equals(wanted) ? this : new PoolNames(next, found);
    }

    /** The same with one name more. */
    public PoolNames and(NamedBackends added) {
        List<NamedBackends> next = new ArrayList<>(wanted);
        next.add(added);
        return with(next);
    }

    /** The same without that name. */
    public PoolNames without(BackendName name) {
        return with(wanted.stream().filter(each -> !each.name().equals(name)).toList());
    }

    /** The same, that name having been found to lead to these. */
    public PoolNames leading(BackendName name, List<Found> to) {
        Map<BackendName, List<Found>> next = new HashMap<>(found);
        next.put(Objects.requireNonNull(name), to);
        return new PoolNames(wanted, next);
    }

    /** How that name was given; empty if it is none of these. */
    public Optional<NamedBackends> find(BackendName name) {
        return wanted.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /** What that name was last found to lead to; empty if it never was. */
    public List<Found> of(BackendName name) {
        return found.getOrDefault(name, List.of());
    }

    /** Those with a weight that lead nowhere. */
    public List<BackendName> leadingNowhere() {
        return wanted.stream()
                .filter(each -> each.weight() > 0 && of(each.name()).isEmpty())
                .map(NamedBackends::name)
                .toList();
    }

    /** The first of them that leads there. */
    public Optional<BackendName> leadingTo(BackendAddress address) {
        return wanted.stream()
                .map(NamedBackends::name)
                .filter(name ->
                        of(name).stream().anyMatch(each -> each.address().equals(address)))
                .findFirst();
    }

    /** Where any of them leads. */
    public Set<BackendAddress> addresses() {
        return found.values().stream().flatMap(List::stream).map(Found::address).collect(Collectors.toSet());
    }
}
