package dev.turnout.config;

import java.util.List;

/**
 * Immutable. What is told to backends of where a request came from.
 *
 * @param trustedProxies peers whose X-Forwarded-* fields are believed and extended; all others' are replaced
 * @param via add a Via field on the way to the backend
 */
public record ForwardingSettings(List<CidrBlock> trustedProxies, boolean via) {

    public ForwardingSettings {
        trustedProxies = List.copyOf(trustedProxies);
    }
}
