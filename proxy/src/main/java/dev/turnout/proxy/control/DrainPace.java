package dev.turnout.proxy.control;

import dev.turnout.config.DrainSettings;
import dev.turnout.config.DrainSettings.Handling;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.InFlight;
import dev.turnout.proxy.routing.LongLived;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Confined to the control thread. Ends what lives long on pools under an order to drain, at once or a few at a time. */
final class DrainPace {

    private static final long TICK_MILLIS = 100;
    private static final double TICKS_IN_A_SECOND = 10;

    private final DrainSettings settings;
    private final Switchboard switchboard;
    private final InFlight inFlight;
    private final ScheduledExecutorService thread;
    private final DoubleSupplier chance;
    private final Map<LongLived, Handling> handling = new EnumMap<>(LongLived.class);
    private final List<AtomicInteger> given = new ArrayList<>();
    private @Nullable Future<?> ticking;
    /** What may be ended and was not yet, less than one. */
    private double left;

    /** @param chance 0..1, of each tenth of a second */
    DrainPace(
            DrainSettings settings,
            Switchboard switchboard,
            InFlight inFlight,
            ScheduledExecutorService thread,
            DoubleSupplier chance) {
        this.settings = settings;
        this.switchboard = switchboard;
        this.inFlight = inFlight;
        this.thread = thread;
        this.chance = chance;
        handling.put(LongLived.WEBSOCKET, settings.websockets());
        handling.put(LongLived.TUNNEL, settings.tunnels());
        handling.put(LongLived.EVENT_STREAM, settings.eventStreams());
        handling.values().removeIf(each -> each == Handling.KEEP);
    }

    /** Takes up the orders of the table in force. */
    void follow() {
        boolean wanted = !handling.isEmpty() && isDraining();
        if (wanted && ticking == null) {
            left = 0;
            ticking = thread.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        } else if (!wanted) {
            close();
        }
    }

    private boolean isDraining() {
        RoutingTable table = switchboard.current();
        return table.orders().drains().stream()
                .anyMatch(order -> !table.pool(order.colour()).isDrained());
    }

    /** What a tenth of a second allows. */
    void tick() {
        if (!isDraining()) {
            close();
            return;
        }
        takeBack();
        double jitter = settings.jitter() / 100.0;
        left += settings.rate() / TICKS_IN_A_SECOND * (1 - jitter + 2 * jitter * chance.getAsDouble());
        int most = (int) left;
        left -= most;
        for (DrainOrder order : switchboard.current().orders().drains()) {
            handling.forEach((kind, how) -> {
                AtomicInteger allowed = new AtomicInteger(how == Handling.CUT ? Integer.MAX_VALUE : most);
                if (allowed.get() > 0) {
                    given.add(allowed);
                    inFlight.end(order.colour(), kind, allowed);
                }
            });
        }
    }

    /** What an event loop has not come to by now it does not do any more: the order may be another one by then. */
    private void takeBack() {
        given.forEach(allowed -> allowed.set(0));
        given.clear();
    }

    /** Ends no more. */
    void close() {
        if (ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
        takeBack();
    }
}
