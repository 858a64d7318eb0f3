package dev.turnout.proxy.control;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Confined to the control thread. Saves what is in force and could not be saved, as soon as the disk takes it. */
final class SavingAgain {

    private static final long PAUSE_MILLIS = 1_000;

    private final Ledger ledger;
    private final ScheduledExecutorService thread;
    private @Nullable Future<?> tick;

    SavingAgain(Ledger ledger, ScheduledExecutorService thread) {
        this.ledger = ledger;
        this.thread = thread;
    }

    /** Something was to be saved. */
    void follow() {
        if (tick == null && ledger.isUnsaved()) {
            tick = thread.schedule(this::save, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void save() {
        tick = null;
        ledger.saveAgain();
        follow();
    }

    /** Tries for the last time. */
    void close() {
        if (tick != null) {
            tick.cancel(false);
            tick = null;
        }
        ledger.saveAgain();
    }
}
