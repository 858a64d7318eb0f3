package dev.turnout.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. All that Turnout is told before it starts; every value is checked and in range.
 *
 * @param workers event loops; 0 means one per core
 * @param stateFile where the routing state survives a restart
 * @param active the active colour of the very first start
 * @param errorPages folder of pages that stand in for the built-in answers of Turnout itself
 * @param switchGate what a switch asks of the new colour
 * @param dns how names of backends are looked up
 * @param switchGuard how long a second switch without a target is refused after the last
 */
public record Settings(
        int workers,
        Transport transport,
        List<ListenerSettings> listeners,
        AdminSettings admin,
        Path stateFile,
        Colour active,
        BalancerSettings balancer,
        PoolSettings blue,
        PoolSettings green,
        DnsSettings dns,
        TimeoutSettings timeouts,
        LimitSettings limits,
        RateLimitSettings rateLimit,
        RetrySettings retries,
        ForwardingSettings forwarding,
        AccessLogSettings accessLog,
        Optional<Path> errorPages,
        Duration switchGuard,
        GateSettings switchGate,
        ReleaseSettings release,
        List<WebhookSettings> webhooks,
        DrainSettings drain) {

    public Settings {
        Objects.requireNonNull(transport);
        Objects.requireNonNull(admin);
        Objects.requireNonNull(stateFile);
        Objects.requireNonNull(active);
        Objects.requireNonNull(balancer);
        Objects.requireNonNull(blue);
        Objects.requireNonNull(green);
        Objects.requireNonNull(dns);
        Objects.requireNonNull(timeouts);
        Objects.requireNonNull(limits);
        Objects.requireNonNull(rateLimit);
        Objects.requireNonNull(retries);
        Objects.requireNonNull(forwarding);
        Objects.requireNonNull(accessLog);
        Objects.requireNonNull(errorPages);
        Objects.requireNonNull(switchGuard);
        Objects.requireNonNull(switchGate);
        Objects.requireNonNull(release);
        listeners = List.copyOf(listeners);
        webhooks = List.copyOf(webhooks);
        Objects.requireNonNull(drain);
    }

    /** The pool of one colour. */
    public PoolSettings pool(Colour colour) {
        return switch (colour) {
            case BLUE -> blue;
            case GREEN -> green;
        };
    }
}
