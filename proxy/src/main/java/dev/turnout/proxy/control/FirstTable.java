package dev.turnout.proxy.control;

import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Immutable. The routing table that a process starts with. */
public final class FirstTable {

    private FirstTable() {}

    /**
     * The backends of the settings under the routing of the saved state, or where there is none under that of the
     * settings. Backends that take traffic are open; they are down until probed, unless probes are off.
     *
     * @param workers event loops that will count answers
     */
    public static RoutingTable make(Settings settings, LoadedState loaded, int workers) {
        Pool blue = pool(settings, Colour.BLUE, workers);
        Pool green = pool(settings, Colour.GREEN, workers);
        RoutingTable table = loaded.state()
                .map(state -> new RoutingTable(
                        state.revision(), state.active(), state.previous(), blue, green, state.drains()))
                .orElse(new RoutingTable(1, settings.active(), Optional.empty(), blue, green, List.of()));
        if (table.takesTraffic(table.active())) {
            table.pool(table.active()).open();
        }
        return table;
    }

    private static Pool pool(Settings settings, Colour colour, int workers) {
        PoolSettings pool = settings.pool(colour);
        boolean unchecked = pool.health().kind() == HealthSettings.Kind.NONE;
        List<Pool.Member> members = new ArrayList<>();
        for (BackendSettings each : pool.backends()) {
            Backend backend = new Backend(colour, each.address(), workers);
            if (unchecked) {
                backend.setHealth(HealthView.UNCHECKED);
            }
            members.add(new Pool.Member(backend, each.weight()));
        }
        return new Pool(colour, pool.version(), settings.balancer(), members);
    }
}
