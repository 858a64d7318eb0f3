package dev.turnout.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. The cookie that keeps a user with one backend.
 *
 * @param secret the key of its hash, the same in every instance
 * @param maxAge how long a browser keeps it; empty: until it is closed
 */
public record StickySettings(
        String cookie,
        String secret,
        Secure secure,
        boolean httpOnly,
        SameSite sameSite,
        String path,
        Optional<Duration> maxAge) {

    /** Whether the cookie has the attribute Secure. */
    public enum Secure {
        /** If the client came by https, as a trusted proxy said. */
        AUTO,
        ON,
        OFF;

        /** The name in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** RFC 6265bis section 5.6.7. */
    public enum SameSite {
        LAX,
        STRICT,
        NONE;

        /** The name in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The value in a cookie. */
        public String value() {
            return name().charAt(0) + label().substring(1);
        }
    }

    public StickySettings {
        Objects.requireNonNull(cookie);
        Objects.requireNonNull(secret);
        Objects.requireNonNull(secure);
        Objects.requireNonNull(sameSite);
        Objects.requireNonNull(path);
        Objects.requireNonNull(maxAge);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "StickySettings[" + cookie + "]";
    }
}
