package dev.turnout.config;

import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. How operators reach the idle colour before anybody else does.
 *
 * @param secret what the field or the cookie must hold; empty: neither is looked at
 * @param header name of the request field
 * @param cookie name of the cookie
 */
public record PreviewSettings(Optional<String> secret, String header, String cookie) {
    public PreviewSettings {
        Objects.requireNonNull(secret);
        Objects.requireNonNull(header);
        Objects.requireNonNull(cookie);
    }

    /** So that the state of somebody's pool is not shown with the settings. */
    @Override
    public String toString() {
        return "PreviewSettings[header=" + header + ", cookie=" + cookie + "]";
    }
}
