package dev.turnout.config;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. What is told to backends of where a request came from.
 *
 * @param trustedProxies peers whose forwarding fields are believed and extended; all others' are replaced
 * @param fields in which fields it is told
 * @param traceparent what becomes of W3C trace context
 * @param via add a Via field on the way to the backend
 */
public record ForwardingSettings(List<CidrBlock> trustedProxies, Fields fields, Traceparent traceparent, boolean via) {

    /** The fields that tell where a request came from. */
    public enum Fields {
        /** X-Forwarded-For, -Proto and -Host: what nearly every application reads. */
        X_FORWARDED("x-forwarded"),
        /** Forwarded (RFC 7239). */
        FORWARDED("forwarded");

        private final String label;

        Fields(String label) {
            this.label = label;
        }

        /** The name in the configuration. */
        public String label() {
            return label;
        }
    }

    /** What becomes of the traceparent field (W3C Trace Context). */
    public enum Traceparent {
        /** What the client sent goes on as it is. */
        PASS,
        /** A request that comes without a valid one gets one. */
        MAKE;

        /** The name in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public ForwardingSettings {
        trustedProxies = List.copyOf(trustedProxies);
        Objects.requireNonNull(fields);
        Objects.requireNonNull(traceparent);
    }
}
