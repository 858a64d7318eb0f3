package dev.turnout.proxy.exchange;

import dev.turnout.config.DrainSettings.Handling;
import dev.turnout.config.Settings;
import dev.turnout.config.TimeoutSettings;
import dev.turnout.proxy.http.ForwardedFields;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.routing.Switchboard;

/**
 * Immutable. What all exchanges share.
 *
 * @param retries when a request is tried again
 * @param preview which requests ask for the idle colour
 * @param assets which paths the other colour is asked for after a 404
 * @param evidence what the judge of a release is told
 * @param mirror what compares the answers to copies of requests
 * @param pages what answers of Turnout itself look like
 * @param responseHeadNanos from the end of a request to the head of its answer
 * @param idleNanos without a byte in either direction
 * @param tunnelNanos the same, of a tunnel
 * @param endsWebSockets whether they may have to be ended between two frames
 */
public record ExchangeRules(
        Switchboard switchboard,
        ForwardedFields forwarded,
        RetryRules retries,
        Preview preview,
        AssetPatterns assets,
        Evidence evidence,
        Mirror mirror,
        ErrorPages pages,
        long responseHeadNanos,
        long idleNanos,
        long tunnelNanos,
        boolean endsWebSockets) {

    /** The rules that the settings ask for. */
    public static ExchangeRules of(Settings settings, Switchboard switchboard, Evidence evidence, Mirror mirror) {
        TimeoutSettings timeouts = settings.timeouts();
        return new ExchangeRules(
                switchboard,
                new ForwardedFields(settings.forwarding()),
                RetryRules.of(settings.retries()),
                new Preview(settings.release().preview()),
                new AssetPatterns(settings.release().assetFallback()),
                evidence,
                mirror,
                new ErrorPages(settings.errorPages()),
                timeouts.responseHead().toNanos(),
                timeouts.idle().toNanos(),
                timeouts.tunnel().toNanos(),
                settings.drain().websockets() != Handling.KEEP);
    }
}
