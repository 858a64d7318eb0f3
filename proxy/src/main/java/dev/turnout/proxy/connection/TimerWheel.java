package dev.turnout.proxy.connection;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. Deadlines of connections, made for those that are pushed back again and again and rarely
 * reached: pushing one back is one store, and the timer moves to its new slot only when the old slot comes round.
 *
 * <p>A hashed wheel (Varghese and Lauck, SOSP 1987, scheme 6) whose lists are threaded through the timers themselves.
 */
public final class TimerWheel {

    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);

    /** How often the wheel turns, and so how late a timer may be. */
    public static final long TICK_NANOS = 50_000_000L;

    private static final int SLOTS = 1024;

    /** Confined to one event loop. One deadline and what is to be done then. */
    public static final class Timer {
        private final Runnable action;
        private @Nullable Timer before;
        private @Nullable Timer after;
        private long deadline;
        /** The tick in whose slot this timer hangs; -1 if it hangs nowhere. */
        private long tick = -1;

        public Timer(Runnable action) {
            this.action = action;
        }
    }

    /** Heads of the circular lists. */
    private final Timer[] slots = new Timer[SLOTS];

    private final long origin;
    private long turned;

    /** @param now the time of the ticker that all deadlines are measured by, in nanoseconds */
    public TimerWheel(long now) {
        origin = now;
        for (int i = 0; i < SLOTS; i++) {
            Timer head = new Timer(() -> {});
            head.before = head;
            head.after = head;
            slots[i] = head;
        }
    }

    /** Sets the deadline of a timer, whether it had one or not. */
    public void set(Timer timer, long deadlineNanos) {
        timer.deadline = deadlineNanos;
        long tick = tickOf(deadlineNanos);
        if (timer.tick >= 0) {
            if (timer.tick <= tick) {
                return;
            }
            unlink(timer);
        }
        link(timer, tick);
    }

    /** Takes the deadline away. */
    public void cancel(Timer timer) {
        if (timer.tick >= 0) {
            unlink(timer);
        }
    }

    /** Runs what is due; to be called about once a tick. */
    public void advance(long now) {
        long until = (now - origin) / TICK_NANOS;
        if (until - turned > SLOTS) {
            // The process was stopped for longer than a turn of the wheel: every slot once is enough.
            turned = until - SLOTS;
        }
        while (turned < until) {
            turned++;
            Timer head = slots[(int) (turned & (SLOTS - 1))];
            for (Timer timer = head.after; timer != head && timer != null; timer = head.after) {
                unlink(timer);
                if (timer.deadline - now <= 0) {
                    run(timer);
                } else {
                    link(timer, tickOf(timer.deadline));
                }
            }
        }
    }

    /** One that fails must not take all others with it. */
    private static void run(Timer timer) {
        try {
            timer.action.run();
        } catch (RuntimeException | Error fault) {
            LOG.error("a deadline was not handled", fault);
        }
    }

    /** The first tick at or after the deadline, but at most one turn ahead and never the slot in hand. */
    private long tickOf(long deadlineNanos) {
        long tick = (deadlineNanos - origin + TICK_NANOS - 1) / TICK_NANOS;
        return Math.max(turned + 1, Math.min(tick, turned + SLOTS - 1));
    }

    private void link(Timer timer, long tick) {
        Timer head = slots[(int) (tick & (SLOTS - 1))];
        Timer last = head.before;
        timer.tick = tick;
        timer.before = last;
        timer.after = head;
        head.before = timer;
        if (last != null) {
            last.after = timer;
        }
    }

    private static void unlink(Timer timer) {
        Timer before = timer.before;
        Timer after = timer.after;
        if (before != null && after != null) {
            before.after = after;
            after.before = before;
        }
        timer.before = null;
        timer.after = null;
        timer.tick = -1;
    }
}
