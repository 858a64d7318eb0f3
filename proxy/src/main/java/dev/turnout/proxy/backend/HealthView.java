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
 * @param statusCode of its answer; 0 if there was none
 * @param location where that redirects to; empty if it does not
 * @param body how that begins, in printable ASCII; empty if it was not read
 * @param detail what the last probe saw, in words for the operator: {@code "200"}, {@code "connection refused"}
 * @param asked what the last probe asked, and where: {@code "GET http://127.0.0.1:9101/healthz"}; empty if none has
 * @param against results in a row, up to the last, that speak against {@code up}
 * @param turnsAt how many of them turn it: what the settings say of rise or fall, and 1 if it has never been up
 */
public record HealthView(
        boolean up,
        Instant since,
        Instant lastProbe,
        long lastProbeMillis,
        int statusCode,
        String location,
        String body,
        String detail,
        String asked,
        int against,
        int turnsAt) {

    /** Not probed yet. */
    public static final HealthView UNKNOWN = new HealthView(false, Instant.EPOCH, Instant.EPOCH, 0, "not probed yet");

    /** Probes are off; counts as up. */
    public static final HealthView UNCHECKED =
            new HealthView(true, Instant.EPOCH, Instant.EPOCH, 0, "health checks are off");

    /** Without an answer. */
    public HealthView(boolean up, Instant since, Instant lastProbe, long lastProbeMillis, String detail) {
        this(up, since, lastProbe, lastProbeMillis, 0, "", "", detail, "", 0, 0);
    }

    public HealthView {
        Objects.requireNonNull(since);
        Objects.requireNonNull(lastProbe);
        Objects.requireNonNull(location);
        Objects.requireNonNull(body);
        Objects.requireNonNull(detail);
        Objects.requireNonNull(asked);
    }
}
