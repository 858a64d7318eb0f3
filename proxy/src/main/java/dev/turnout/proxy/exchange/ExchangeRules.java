package dev.turnout.proxy.exchange;

import dev.turnout.config.Settings;
import dev.turnout.config.TimeoutSettings;
import dev.turnout.proxy.http.ForwardedFields;
import dev.turnout.proxy.routing.Switchboard;

/**
 * Immutable. What all exchanges share.
 *
 * @param retries when a request is tried again
 * @param pages what answers of Turnout itself look like
 * @param responseHeadNanos from the end of a request to the head of its answer
 * @param idleNanos without a byte in either direction
 * @param tunnelNanos the same, of a tunnel
 */
public record ExchangeRules(
        Switchboard switchboard,
        ForwardedFields forwarded,
        RetryRules retries,
        ErrorPages pages,
        long responseHeadNanos,
        long idleNanos,
        long tunnelNanos) {

    /** The rules that the settings ask for. */
    public static ExchangeRules of(Settings settings, Switchboard switchboard) {
        TimeoutSettings timeouts = settings.timeouts();
        return new ExchangeRules(
                switchboard,
                new ForwardedFields(settings.forwarding()),
                RetryRules.of(settings.retries()),
                new ErrorPages(settings.errorPages()),
                timeouts.responseHead().toNanos(),
                timeouts.idle().toNanos(),
                timeouts.tunnel().toNanos());
    }
}
