package dev.turnout.proxy.frontend;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Thread-safe. How many requests are under way, over all event loops. Each counts in a stripe of its own and adds all of them up
 * to decide, so that none waits for another; at the limit a few too many may pass, never more than there are event loops.
 */
final class RequestsInFlight {

    /** Between two stripes, in counters: two cache lines, as processors fetch them in pairs. */
    private static final int STRIDE = 32;

    private final int most;
    private final int workers;
    private final boolean limited;
    private final AtomicIntegerArray stripes;

    /** @param connections at a time; each has one request under way at most, so a limit above that needs no counting */
    RequestsInFlight(int most, int connections, int workers) {
        this.most = most;
        this.workers = workers;
        this.limited = most < connections;
        this.stripes = new AtomicIntegerArray(limited ? STRIDE * workers : 0);
    }

    /** Counts a request in; false if there are too many. To be called by that worker alone. */
    boolean begin(int worker) {
        if (!limited) {
            return true;
        }
        int sum = 0;
        for (int i = 0; i < workers; i++) {
            sum += stripes.getOpaque(STRIDE * i);
        }
        if (sum >= most) {
            return false;
        }
        add(worker, 1);
        return true;
    }

    /** Counts out a request that was counted in. */
    void end(int worker) {
        if (limited) {
            add(worker, -1);
        }
    }

    private void add(int worker, int change) {
        int at = STRIDE * worker;
        stripes.setOpaque(at, stripes.getPlain(at) + change);
    }
}
