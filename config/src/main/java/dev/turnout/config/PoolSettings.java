package dev.turnout.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. One colour's pool as it is configured; it may be empty.
 *
 * @param version what the operator calls the release that runs there, shown in status; may be empty
 * @param backends those whose address is known
 * @param names those that are found by a name
 * @param health how its backends are checked
 * @param outliers when they are ejected for what real traffic showed
 * @param limits what each of them is asked to bear
 * @param sticky the cookie that keeps a user with one of them; empty: none
 * @param stickyAcrossSwitch whether it keeps users with them when the other pool becomes active, until this one is drained
 * @param slowStart in which a backend that came up gets to its full weight; zero: at once
 * @param proxyProtocol what each connection to its backends begins with
 * @param warmUp how it is made ready before it gets traffic
 */
public record PoolSettings(
        String version,
        List<BackendSettings> backends,
        List<NamedBackends> names,
        HealthSettings health,
        OutlierSettings outliers,
        BackendLimits limits,
        Optional<StickySettings> sticky,
        boolean stickyAcrossSwitch,
        Duration slowStart,
        ProxyProtocol proxyProtocol,
        WarmUpSettings warmUp) {

    private static final HealthSettings UNCHECKED = new HealthSettings(
            HealthSettings.Kind.NONE,
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            2,
            3,
            0,
            HttpProbeSettings.get("/", "", List.of(new HealthSettings.StatusRange(200, 399))));

    /** An empty pool without probes and ejections. */
    public static PoolSettings unchecked(String version) {
        return new PoolSettings(
                version,
                List.of(),
                List.of(),
                UNCHECKED,
                OutlierSettings.OFF,
                BackendLimits.NONE,
                Optional.empty(),
                false,
                Duration.ZERO,
                ProxyProtocol.OFF,
                WarmUpSettings.NONE);
    }

    /** The same, with that health and those ejections. */
    public PoolSettings judgedBy(HealthSettings probes, OutlierSettings traffic) {
        return new PoolSettings(
                version,
                backends,
                names,
                probes,
                traffic,
                limits,
                sticky,
                stickyAcrossSwitch,
                slowStart,
                proxyProtocol,
                warmUp);
    }

    /** What the pool is made of, version, addresses and weights, in a form that is equal only if they are. */
    public String definition() {
        StringBuilder text = new StringBuilder(version);
        for (BackendSettings backend : backends) {
            text.append('\n').append(backend.address()).append(' ').append(backend.weight());
        }
        for (NamedBackends each : names) {
            text.append('\n').append(each.name()).append(' ').append(each.weight());
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The same, with connections that begin like that. */
    public PoolSettings with(ProxyProtocol other) {
        return new PoolSettings(
                version,
                backends,
                names,
                health,
                outliers,
                limits,
                sticky,
                stickyAcrossSwitch,
                slowStart,
                other,
                warmUp);
    }

    public PoolSettings {
        Objects.requireNonNull(version);
        Objects.requireNonNull(health);
        Objects.requireNonNull(outliers);
        Objects.requireNonNull(limits);
        Objects.requireNonNull(sticky);
        Objects.requireNonNull(slowStart);
        Objects.requireNonNull(proxyProtocol);
        Objects.requireNonNull(warmUp);
        backends = List.copyOf(backends);
        names = List.copyOf(names);
    }
}
