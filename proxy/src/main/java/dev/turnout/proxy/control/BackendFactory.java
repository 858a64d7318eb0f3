package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;

/**
 * Immutable. Makes backends that were not there before: they grant no leases yet, and are down until probed, unless probes
 * are off.
 *
 * @param stripes event loops that will count answers
 */
record BackendFactory(int stripes) {

    /** @param authority by which it is known: its address, or what led to it */
    Backend make(Colour colour, BackendAddress address, String authority, PoolSettings settings) {
        Backend made = new Backend(colour, address, authority, settings.proxyProtocol(), stripes);
        if (settings.health().kind() == HealthSettings.Kind.NONE) {
            made.setHealth(HealthView.UNCHECKED, System.nanoTime());
        }
        return made;
    }
}
