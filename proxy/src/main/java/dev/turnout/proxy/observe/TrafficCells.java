package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;
import dev.turnout.proxy.observe.ExchangeObserver.HoldEnd;
import dev.turnout.proxy.observe.ExchangeObserver.Side;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe as {@link StripedCounters} is. Every count that event loops make, one cell each, and where in a stripe each
 * of them lies. Writing is index arithmetic and one add: nothing is looked up by label and nothing is allocated.
 */
final class TrafficCells {

    /** Label values of {@code colour}, at their index. */
    static final List<String> COLOURS = List.of(Colour.BLUE.label(), Colour.GREEN.label(), "none");
    /** Label values of {@code source}, at their index. */
    static final List<String> SOURCES = List.of("backend", "proxy");

    /** Why a request was tried again, besides the errors: the backend answered so. */
    private static final List<String> RETRIED_STATUSES =
            List.of("backend-502", "backend-503", "backend-504", "canary-fallback", "asset-fallback");

    /** What may live long, as {@code routing.LongLived} labels it. */
    static final List<String> LONG_LIVED = List.of("websocket", "tunnel", "event-stream");

    static final int PROXY = 1;
    private static final int NO_COLOUR = 2;

    private final ClosedLabels errors;
    private final ClosedLabels reasons;
    private final ClosedLabels routedLabels;
    private final StripedCounters counters;

    private final int connections;
    private final int requests;
    private final int durations;
    private final int durationSums;
    private final int retries;
    private final int failures;
    private final int retriesRefused;
    private final int routedFirst;
    private final int held;
    private final int endedFirst;

    TrafficCells(int workers, ClosedLabels errors, ClosedLabels routed) {
        this.errors = errors;
        this.routedLabels = routed;
        this.reasons = errors.with(RETRIED_STATUSES);
        int colours = COLOURS.size();
        this.connections = 2;
        this.requests = connections + Side.values().length;
        this.durations = requests + colours * SOURCES.size() * BackendView.CODE_CLASSES;
        this.durationSums = durations + colours * LatencyBuckets.COUNT;
        this.retries = durationSums + colours;
        this.failures = retries + colours * reasons.size();
        this.retriesRefused = failures + colours * errors.size();
        this.routedFirst = retriesRefused + colours;
        this.held = routedFirst + colours * routed.size();
        this.endedFirst = held + 1 + HoldEnd.values().length;
        this.counters = new StripedCounters(workers, endedFirst + LONG_LIVED.size());
    }

    static int colourIndex(@Nullable Colour colour) {
        if (colour == null) {
            return NO_COLOUR;
        }
        return switch (colour) {
            case BLUE -> 0;
            case GREEN -> 1;
        };
    }

    ClosedLabels errors() {
        return errors;
    }

    /** Label values of {@code routed}. */
    ClosedLabels routed() {
        return routedLabels;
    }

    int routed(int colour, int routed) {
        return routedFirst + colour * routedLabels.size() + routed;
    }

    /** Label values of {@code reason} of a further attempt. */
    ClosedLabels reasons() {
        return reasons;
    }

    void increment(int worker, int cell) {
        counters.increment(worker, cell);
    }

    void add(int worker, int cell, long amount) {
        counters.add(worker, cell, amount);
    }

    long sum(int cell) {
        return counters.sum(cell);
    }

    int started() {
        return 0;
    }

    int finished() {
        return 1;
    }

    /** Requests that wait now; it goes down as well. */
    int held() {
        return held;
    }

    /** Requests that wait no longer. */
    int holdEnded(HoldEnd end) {
        return held + 1 + indexOf(end);
    }

    /** Connections open now; it goes down as well. */
    int connections(Side side) {
        return switch (side) {
            case CLIENT -> connections;
            case BACKEND -> connections + 1;
        };
    }

    /**
     * Requests answered.
     *
     * @param codeClass 1..5
     */
    int requests(int colour, int source, int codeClass) {
        return requests + (colour * SOURCES.size() + source) * BackendView.CODE_CLASSES + codeClass - 1;
    }

    int duration(int colour, int bucket) {
        return durations + colour * LatencyBuckets.COUNT + bucket;
    }

    /** Nanoseconds of all requests of a colour. */
    int durationSum(int colour) {
        return durationSums + colour;
    }

    /** Of that kind, ended because their pool is drained. */
    int endedByDrain(int kind) {
        return endedFirst + kind;
    }

    private static int indexOf(HoldEnd end) {
        return switch (end) {
            case RELEASED -> 0;
            case EXPIRED -> 1;
            case LEFT -> 2;
            case REFUSED -> 3;
        };
    }

    int retries(int colour, int reason) {
        return retries + colour * reasons.size() + reason;
    }

    /** Further attempts that the retry budget did not allow. */
    int retriesRefused(int colour) {
        return retriesRefused + colour;
    }

    int failures(int colour, int error) {
        return failures + colour * errors.size() + error;
    }
}
