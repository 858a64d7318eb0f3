package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.LatencyGauge;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Thread-safe: what changes are the leases and {@link LatencyGauge}s of the backends. Load by peak EWMA, as in Finagle and Linkerd:
 * the time that the leases and one request more would take at the recent latency.
 */
final class PeakEwma implements PowerOfTwoChoices.Load {

    /** Latency of a backend that has leases and has not been heard of: whoever is known is better. */
    private static final double UNKNOWN_NANOS = 1e15;

    private final Backend[] backends;
    /** Shares of the largest weight, 1 at most. */
    private final double[] weights;

    private final LatencyGauge[] gauges;
    private final LongSupplier ticker;

    /**
     * From now on the latency of these backends is measured.
     *
     * @param ticker thread-safe; nanoseconds
     */
    PeakEwma(List<Candidate> candidates, LongSupplier ticker) {
        this.backends = candidates.stream().map(Candidate::backend).toArray(Backend[]::new);
        double largest = candidates.stream().mapToInt(Candidate::weight).max().orElse(1);
        this.weights = candidates.stream()
                .mapToDouble(candidate -> candidate.weight() / largest)
                .toArray();
        this.gauges = candidates.stream()
                .map(candidate -> candidate.backend().measureLatency())
                .toArray(LatencyGauge[]::new);
        this.ticker = ticker;
    }

    @Override
    public boolean isLess(int one, int other) {
        long now = ticker.getAsLong();
        return cost(one, now) < cost(other, now);
    }

    /**
     * The formula of Finagle, latency * (leases + 1), with leases set against the weight. The one request more is not: an idle pool
     * would send all that comes to the largest weight. Weights are set against the largest, so that their scale does not matter:
     * with ten times the weights, which is what a slow start has, a lease would count a tenth.
     */
    private double cost(int index, long now) {
        long leases = backends[index].inFlight();
        double latency = gauges[index].nanos(now);
        if (latency == LatencyGauge.UNKNOWN && leases > 0) {
            latency = UNKNOWN_NANOS;
        }
        return latency * (leases / weights[index] + 1);
    }
}
