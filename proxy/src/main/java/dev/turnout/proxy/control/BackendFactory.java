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

    /** Does not look the name up: the first probe does, on a thread of its own. */
    Backend make(Colour colour, BackendAddress address, PoolSettings settings) {
        Backend made = Backend.unresolved(colour, address, settings.proxyProtocol(), stripes);
        if (settings.health().kind() == HealthSettings.Kind.NONE) {
            made.setHealth(HealthView.UNCHECKED);
        }
        return made;
    }
}
