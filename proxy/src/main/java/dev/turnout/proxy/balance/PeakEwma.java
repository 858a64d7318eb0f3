package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.LatencyGauge;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Thread-safe: what changes are the leases and {@link LatencyGauge}s of the backends. Load by peak EWMA, as in Finagle and Linkerd:
 * the time that the leases, and one request more for each unit of weight, would take at the recent latency.
 */
final class PeakEwma implements PowerOfTwoChoices.Load {

    /** Latency of a backend that has leases and has not been heard of: whoever is known is better. */
    private static final double UNKNOWN_NANOS = 1e15;

    private final Backend[] backends;
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
        this.weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
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
     * For a weight of 1 the formula of Finagle, latency * (leases + 1). One request alone in place of one for each unit of
     * weight would send all that comes to an idle pool to the largest weight.
     */
    private double cost(int index, long now) {
        long leases = backends[index].inFlight();
        double latency = gauges[index].nanos(now);
        if (latency == LatencyGauge.UNKNOWN && leases > 0) {
            latency = UNKNOWN_NANOS;
        }
        return latency * (leases + weights[index]) / weights[index];
    }
}
