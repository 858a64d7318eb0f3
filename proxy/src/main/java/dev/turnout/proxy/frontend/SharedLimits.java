package dev.turnout.proxy.frontend;

import dev.turnout.config.Settings;

/** Thread-safe. What is counted over all listeners and event loops. */
record SharedLimits(Clients clients, RequestsInFlight inFlight, RateLimit rateLimit) {

    /**
     * The limits of the settings.
     *
     * @param connections at a time: what the settings allow, or the system if that is less
     */
    static SharedLimits of(Settings settings, int connections, int workers) {
        return new SharedLimits(
                new Clients(settings.limits(), connections),
                new RequestsInFlight(settings.limits().inFlight(), connections, workers),
                new RateLimit(settings.rateLimit(), System.nanoTime()));
    }
}
