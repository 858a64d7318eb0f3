package dev.turnout.proxy.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Confined to one thread. A control thread whose time the test tells: keeps what is to be run later. */
final class Later extends ScheduledThreadPoolExecutor {

    private final List<Long> delays = new ArrayList<>();
    private Runnable last = () -> {};

    Later() {
        super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        delays.add(unit.toMillis(delay));
        last = command;
        return super.schedule(() -> {}, 1, TimeUnit.DAYS);
    }

    /** In milliseconds, of all that was to be run so far. */
    List<Long> delays() {
        return delays;
    }

    /** The time of what was put off last has come. */
    void runLast() {
        last.run();
    }
}
