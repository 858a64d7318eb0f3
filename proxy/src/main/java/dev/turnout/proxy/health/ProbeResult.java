package dev.turnout.proxy.health;

import java.util.Objects;

/**
 * Immutable. What one probe found.
 *
 * @param detail for the operator, in printable ASCII whatever the backend sent
 */
record ProbeResult(boolean success, String detail) {

    ProbeResult {
        Objects.requireNonNull(detail);
    }

    static ProbeResult success(String detail) {
        return new ProbeResult(true, detail);
    }

    static ProbeResult failure(String detail) {
        return new ProbeResult(false, detail);
    }
}
