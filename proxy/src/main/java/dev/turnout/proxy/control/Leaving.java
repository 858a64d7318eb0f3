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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Confined to the control thread. Looks after backends that are leaving, and takes them out of the table when they are empty. */
final class Leaving {

    private static final long INTERVAL_MILLIS = 20;
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    private final Switchboard switchboard;
    private final ScheduledExecutorService thread;
    private final Predicate<PoolChange.Gone> gone;
    private final Runnable unnamed;
    private @Nullable Future<?> tick;
    /** After the last change could not be made; 0 if it was. */
    private long pauseMillis;

    /**
     * @param gone makes the change and comes back to {@link #changed}, or says that it could not be made
     * @param unnamed takes out those that a name had led to, which is no change of anybody's
     */
    Leaving(
            Switchboard switchboard,
            ScheduledExecutorService thread,
            Predicate<PoolChange.Gone> gone,
            Runnable unnamed) {
        this.unnamed = unnamed;
        this.switchboard = switchboard;
        this.thread = thread;
        this.gone = gone;
    }

    /** A change was made, whosever it was, so the state can be saved. Takes up the table in force. */
    void changed() {
        if (pauseMillis > 0) {
            pauseMillis = 0;
            close();
        }
        follow();
    }

    /** Takes up the table in force. */
    void follow() {
        if (tick == null && isAnyLeaving()) {
            tick = thread.schedule(this::look, pauseMillis == 0 ? INTERVAL_MILLIS : pauseMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        tick = null;
        boolean refused = false;
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
            if (!ordered.isEmpty() && !gone.test(new PoolChange.Gone(colour, ordered))) {
                refused = true;
            }
            if (found) {
                unnamed.run();
            }
        }
        if (refused) {
            // Most likely the disk is full, and will be for a while.
            pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis));
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
            tick = null;
        }
    }
}
