package dev.turnout.config;

import java.util.Locale;

/** Immutable. Whether backends are told by a PROXY protocol header who the client is, and in which version. */
public enum ProxyProtocol {
    OFF,
    V1,
    V2;

    /** The name in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
