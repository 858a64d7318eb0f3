package dev.turnout.proxy.release;

import dev.turnout.config.Colour;
import dev.turnout.proxy.observe.StripedCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: event loops write, each its own stripe, the control thread reads. What event loops see that the judge must
 * know: how answers come at all times, and during a release each bad first attempt, at once.
 */
public final class Evidence {

    /** Bad attempts that wait for the judge; more are counted and dropped, long after it has made up its mind. */
    static final int QUEUE_LIMIT = 8192;

    /** In place of a backend, where a colour had none that could be used. */
    public static final String NOBODY = "no usable backend";

    /**
     * Immutable. A first attempt that went wrong.
     *
     * @param candidate whether it was on the new colour
     * @param byRule whether a rule chose its colour, so that it can be compared with nothing
     * @param user hash of who it was for; 0 if unknown
     * @param route for people
     */
    public record Bad(Signal signal, String backend, boolean candidate, boolean byRule, long user, String route) {}

    /**
     * Immutable. What a colour has answered since the process began.
     *
     * @param requests answers of a backend, and attempts that came to none
     * @param headTimes how many heads came in which time
     */
    record Answers(long requests, long errors, List<Long> headTimes) {}

    private static final int REQUESTS = HeadTimes.COUNT;
    private static final int ERRORS = HeadTimes.COUNT + 1;
    private static final int CELLS = HeadTimes.COUNT + 2;
    private static final int RULE_ROUTED = 2 * CELLS;

    private final int workers;
    private final StripedCounters counters;
    private final Queue<Bad> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    /** Written once before traffic starts, read by event loops. */
    private volatile Runnable wake = () -> {};

    public Evidence(int workers) {
        this.workers = workers;
        this.counters = new StripedCounters(workers, 2 * CELLS + 1);
    }

    /** Who is to be told, on whatever thread, that there is something to look at; it must return at once. */
    public void onBad(Runnable told) {
        wake = told;
    }

    /**
     * A first attempt is decided; only from the event loop of {@code worker}.
     *
     * @param headNanos from its start to the head of the answer; negative if none came
     */
    public void answered(int worker, Colour colour, long headNanos, boolean error) {
        int from = (colour == Colour.BLUE ? 0 : CELLS);
        counters.increment(worker, from + REQUESTS);
        if (error) {
            counters.increment(worker, from + ERRORS);
        }
        if (headNanos >= 0) {
            counters.increment(worker, from + HeadTimes.indexOf(headNanos));
        }
    }

    /** A request that a rule sent to the new colour; only from the event loop of {@code worker}. */
    public void ruleRouted(int worker) {
        counters.increment(worker, RULE_ROUTED);
    }

    /** Requests that rules have sent to a new colour since the process began. */
    public long ruleRouted() {
        return counters.sum(RULE_ROUTED);
    }

    /** Any event loop. */
    public void bad(Bad attempt) {
        if (queued.incrementAndGet() > QUEUE_LIMIT) {
            queued.decrementAndGet();
            dropped.increment();
            return;
        }
        queue.add(attempt);
        wake.run();
    }

    /** The next bad attempt, null if there is none. Control thread only. */
    public @Nullable Bad poll() {
        Bad next = queue.poll();
        if (next != null) {
            queued.decrementAndGet();
        }
        return next;
    }

    /** Bad attempts that the judge never saw. */
    public long dropped() {
        return dropped.sum();
    }

    Answers answers(Colour colour) {
        int from = (colour == Colour.BLUE ? 0 : CELLS);
        List<Long> headTimes = new ArrayList<>(HeadTimes.COUNT);
        for (int i = 0; i < HeadTimes.COUNT; i++) {
            headTimes.add(counters.sum(from + i));
        }
        return new Answers(counters.sum(from + REQUESTS), counters.sum(from + ERRORS), headTimes);
    }

    /** Event loops that count. */
    public int workers() {
        return workers;
    }
}
