package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Switchboard;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Confined to the control thread. Looks after backends that are leaving, and takes them out of the table when they are empty. */
final class Leaving {

    private static final long INTERVAL_MILLIS = 20;

    private final Switchboard switchboard;
    private final ScheduledExecutorService thread;
    private final Consumer<PoolChange.Gone> gone;
    private final Runnable unnamed;
    private @Nullable Future<?> tick;

    /**
     * @param gone makes the change, and comes back to {@link #follow}
     * @param unnamed takes out those that a name had led to, which is no change of anybody's
     */
    Leaving(
            Switchboard switchboard,
            ScheduledExecutorService thread,
            Consumer<PoolChange.Gone> gone,
            Runnable unnamed) {
        this.unnamed = unnamed;
        this.switchboard = switchboard;
        this.thread = thread;
        this.gone = gone;
    }

    /** Takes up the table in force. */
    void follow() {
        if (tick == null && isAnyLeaving()) {
            tick = thread.schedule(this::look, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        tick = null;
        for (Colour colour : Colour.values()) {
            Set<BackendAddress> ordered = new HashSet<>();
            boolean found = false;
            for (Pool.Member member : switchboard.current().pool(colour).members()) {
                if (member.duty() == Pool.Duty.LEAVING && member.backend().isDrained()) {
                    found |= member.name().isPresent();
                    if (member.name().isEmpty()) {
                        ordered.add(member.backend().address());
                    }
                }
            }
            if (!ordered.isEmpty()) {
                gone.accept(new PoolChange.Gone(colour, ordered));
            }
            if (found) {
                unnamed.run();
            }
        }
        follow();
    }

    private boolean isAnyLeaving() {
        for (Colour colour : Colour.values()) {
            for (Pool.Member member : switchboard.current().pool(colour).members()) {
                if (member.duty() == Pool.Duty.LEAVING) {
                    return true;
                }
            }
        }
        return false;
    }

    void close() {
        if (tick != null) {
            tick.cancel(false);
        }
    }
}
