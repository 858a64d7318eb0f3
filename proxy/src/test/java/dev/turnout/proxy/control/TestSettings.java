package dev.turnout.proxy.control;

import dev.turnout.config.AccessLogSettings;
import dev.turnout.config.AdminSettings;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.config.ForwardingSettings;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.LimitSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SocketBind;
import dev.turnout.config.TimeoutSettings;
import dev.turnout.config.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Immutable. Settings with two backends for each colour. */
final class TestSettings {

    static final Duration DRAIN = Duration.ofMinutes(5);
    static final Duration SWITCH_GUARD = Duration.ofSeconds(5);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private TestSettings() {}

    /** Probed backends, which are down until a probe says otherwise, or unprobed ones, which are up. */
    static Settings of(HealthSettings.Kind health, Path stateFile) {
        return new Settings(
                1,
                Transport.NIO,
                List.of(),
                new AdminSettings(new SocketBind("127.0.0.1", 0), Optional.empty(), List.of()),
                stateFile,
                Colour.BLUE,
                BalancerKind.LEAST_REQUESTS,
                pool("1.4.2", 9101, health),
                pool("1.5.0", 9201, health),
                new TimeoutSettings(SECOND, SECOND, SECOND, SECOND, SECOND, SECOND, DRAIN, SECOND),
                new LimitSettings(8192, 65536, 100, 1000, 10, 1 << 26),
                new ForwardingSettings(List.of(), false),
                new AccessLogSettings(false, AccessLogSettings.Format.JSON, Optional.empty()),
                SWITCH_GUARD);
    }

    private static PoolSettings pool(String version, int port, HealthSettings.Kind health) {
        return new PoolSettings(
                version,
                List.of(
                        new BackendSettings(new BackendAddress("127.0.0.1", port), 1),
                        new BackendSettings(new BackendAddress("127.0.0.1", port + 1), 2)),
                new HealthSettings(health, SECOND, SECOND, 1, 1, "/", "", List.of()));
    }
}
