package dev.turnout.proxy.control;

import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.ListenerSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.PoolNames;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Immutable. The routing table that a process starts with. */
public final class FirstTable {

    private static final Logger log = LoggerFactory.getLogger(FirstTable.class);

    private static final long FIRST_REVISION = 1;

    private FirstTable() {}

    /**
     * The backends of the settings under the routing of the saved state, or where there is none under that of the
     * settings. Backends grant no leases yet, and are down until probed, unless probes are off.
     *
     * @param workers event loops that will count answers
     */
    public static RoutingTable make(Settings settings, LoadedState loaded, int workers) {
        return make(settings, loaded, workers, Clock.systemUTC());
    }

    /** The same with a clock, which tells whether a hold has passed meanwhile. */
    static RoutingTable make(Settings settings, LoadedState loaded, int workers, Clock clock) {
        Pool blue = pool(settings, loaded, Colour.BLUE, workers);
        Pool green = pool(settings, loaded, Colour.GREEN, workers);
        RoutingTable table = loaded.state()
                .map(state -> new RoutingTable(
                        // Whoever knows the last revision is to see that edits are gone.
                        isEditLost(settings, state) ? state.revision() + 1 : state.revision(),
                        state.active(),
                        state.previous(),
                        blue,
                        green,
                        state.orders().standing(clock.instant()),
                        preview(settings)))
                .orElse(new RoutingTable(
                        FIRST_REVISION,
                        settings.active(),
                        Optional.empty(),
                        blue,
                        green,
                        Orders.NONE,
                        preview(settings)));
        tell(table);
        return table;
    }

    /** Whether somebody may look at the idle colour. */
    private static boolean preview(Settings settings) {
        return settings.release().preview().secret().isPresent()
                || settings.listeners().stream().anyMatch(ListenerSettings::preview);
    }

    /** A restart is when the settings and the state may have come to disagree. */
    private static void tell(RoutingTable table) {
        String active = table.active().label();
        log.info("{} is active, revision {}", active, table.revision());
        Pool serving = table.pool(table.active());
        if (serving.members().isEmpty() && serving.names().wanted().isEmpty()) {
            log.warn("{} is active and has no backends: requests are answered with 503 until a switch", active);
        }
        if (table.maintenance()) {
            log.warn("maintenance is on by order: requests are answered with 503 until it is ended");
        }
        table.orders()
                .release()
                .ifPresent(release -> log.info(
                        "release {} of {} goes on: {}, weight {} %",
                        release.id(),
                        release.candidate().label(),
                        release.isPaused() ? "paused" : release.phase(),
                        release.weight() / 100.0));
        table.orders()
                .hold()
                .ifPresent(
                        hold -> log.warn("new requests wait by an order of {}, until {}", hold.since(), hold.until()));
        table.drain(table.active())
                .ifPresent(order -> log.warn(
                        "{} is active and drained by an order of {}: requests are answered with 503 until undrain",
                        active,
                        order.since()));
    }

    private static boolean isEditLost(Settings settings, SavedState state) {
        return state.pools().stream().anyMatch(saved -> isLost(settings, saved));
    }

    private static boolean isLost(Settings settings, SavedPool saved) {
        return !saved.edit().definition().equals(settings.pool(saved.colour()).definition());
    }

    private static Pool pool(Settings settings, LoadedState loaded, Colour colour, int workers) {
        PoolSettings pool = settings.pool(colour);
        Optional<SavedPool> saved = loaded.state().stream()
                .flatMap(state -> state.pools().stream())
                .filter(each -> each.colour() == colour)
                .findFirst();
        if (saved.isPresent() && isLost(settings, saved.get())) {
            log.warn(
                    "{} was edited at run time, and since then in the configuration file: the file is in force",
                    colour.label());
            saved = Optional.empty();
        }
        PoolNames names = PoolNames.NONE.with(saved.map(SavedPool::names).orElse(pool.names()));
        for (SavedName each : loaded.state().map(SavedState::names).orElse(List.of())) {
            names = each.colour() == colour ? names.leading(each.name(), each.found()) : names;
        }
        Pool empty = new Pool(colour, pool, settings.balancer(), List.of(), saved.map(SavedPool::edit), names);
        BackendFactory factory = new BackendFactory(workers);
        if (saved.isPresent()) {
            log.info("{} is as it was edited at run time, not as in the configuration file", colour.label());
        }
        List<BackendSettings> backends = saved.map(edited -> edited.backends().stream()
                        .map(each -> new BackendSettings(each.address(), each.weight()))
                        .toList())
                .orElse(pool.backends());
        SavedDrains drained = loaded.state().map(SavedState::drained).orElse(SavedDrains.NONE);
        return empty.with(
                names,
                PoolMembers.of(empty, backends, names, factory).stream()
                        .map(drained::applied)
                        .toList());
    }
}
