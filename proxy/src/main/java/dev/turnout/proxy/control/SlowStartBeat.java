package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Switchboard;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Confined to the control thread. While a backend is in its slow start, has the weights worked out anew every tenth of it. */
final class SlowStartBeat {

    private static final long SHORTEST_MILLIS = 10;
    private static final int TENTHS = 10;

    private final Switchboard switchboard;
    private final ScheduledExecutorService thread;
    private final Runnable refresh;
    private @Nullable Future<?> tick;

    /** @param refresh publishes the table with the weights of that moment */
    SlowStartBeat(Switchboard switchboard, ScheduledExecutorService thread, Runnable refresh) {
        this.switchboard = switchboard;
        this.thread = thread;
        this.refresh = refresh;
    }

    /** Takes up the table in force. */
    void follow() {
        if (tick != null) {
            return;
        }
        long next = Long.MAX_VALUE;
        for (Colour colour : Colour.values()) {
            Pool pool = switchboard.current().pool(colour);
            if (pool.isRamping()) {
                next = Math.min(next, pool.settings().slowStart().toMillis() / TENTHS);
            }
        }
        if (next < Long.MAX_VALUE) {
            tick = thread.schedule(this::look, Math.max(next, SHORTEST_MILLIS), TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        tick = null;
        refresh.run();
        // A beat that comes a little early changes nothing, and then nothing was published.
        follow();
    }

    void close() {
        if (tick != null) {
            tick.cancel(false);
        }
    }
}
