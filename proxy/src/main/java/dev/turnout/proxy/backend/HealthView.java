package dev.turnout.proxy.backend;

import java.time.Instant;
import java.util.Objects;

/**
 * Immutable. What is known of a backend's health.
 *
 * @param up whether it may be chosen; a new backend is down until its first probe succeeds
 * @param since when {@code up} last changed
 * @param lastProbe when the last probe ended; {@link Instant#EPOCH} if none has
 * @param lastProbeMillis how long it took
 * @param detail what the last probe saw, in words for the operator: {@code "200"}, {@code "connection refused"}
 */
public record HealthView(boolean up, Instant since, Instant lastProbe, long lastProbeMillis, String detail) {

    /** Not probed yet. */
    public static final HealthView UNKNOWN = new HealthView(false, Instant.EPOCH, Instant.EPOCH, 0, "not probed yet");

    /** Probes are off; counts as up. */
    public static final HealthView UNCHECKED =
            new HealthView(true, Instant.EPOCH, Instant.EPOCH, 0, "health checks are off");

    public HealthView {
        Objects.requireNonNull(since);
        Objects.requireNonNull(lastProbe);
        Objects.requireNonNull(detail);
    }
}
