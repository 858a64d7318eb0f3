package dev.turnout.proxy.balance;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.LatencyGauge;
import dev.turnout.proxy.request.RequestHead;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: what changes are the leases and {@link LatencyGauge}s of the backends. Power of two choices by peak EWMA, as
 * in Finagle and Linkerd: of two candidates drawn by weight, the one where the leases, and one request more for each unit of
 * its weight, would take less time at its recent latency. A tie goes to the first drawn, so that an idle pool of equal
 * latencies is shared by weight.
 */
final class PeakEwma implements Balancer {

    /** Latency of a backend that has leases and has not been heard of: whoever is known is better. */
    private static final double UNKNOWN_NANOS = 1e15;

    private final WeightedDraw candidates;
    private final double[] weights;
    private final LatencyGauge[] gauges;
    private final LongSupplier ticker;

    /**
     * From now on the latency of these backends is measured.
     *
     * @param random thread-safe; a number of 0 until below its argument
     * @param ticker thread-safe; nanoseconds
     */
    PeakEwma(List<Candidate> candidates, IntUnaryOperator random, LongSupplier ticker) {
        this.candidates = new WeightedDraw(candidates, random);
        this.weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
        this.gauges = candidates.stream()
                .map(candidate -> candidate.backend().measureLatency())
                .toArray(LatencyGauge[]::new);
        this.ticker = ticker;
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        int count = weights.length;
        if (count < 2) {
            return count == 0 ? null : candidates.backend(0);
        }
        int first = candidates.draw(tried, null);
        int second = candidates.draw(tried, candidates.backend(first));
        long now = ticker.getAsLong();
        return candidates.backend(cost(second, now) < cost(first, now) ? second : first);
    }

    /**
     * For a weight of 1 the formula of Finagle, latency * (leases + 1). One request alone in place of one for each unit of
     * weight would send all that comes to an idle pool to the largest weight.
     */
    private double cost(int index, long now) {
        long leases = candidates.backend(index).inFlight();
        double latency = gauges[index].nanos(now);
        if (latency == LatencyGauge.UNKNOWN && leases > 0) {
            latency = UNKNOWN_NANOS;
        }
        return latency * (leases + weights[index]) / weights[index];
    }
}
