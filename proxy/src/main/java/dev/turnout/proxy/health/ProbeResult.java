package dev.turnout.proxy.health;

import java.util.Objects;

/**
 * Immutable. What one probe found; all texts in printable ASCII whatever the backend sent.
 *
 * @param conclusive whether it says anything of the backend; it does not if no socket was to be had here
 * @param detail for the operator, in one line
 * @param statusCode of the answer; 0 if there was none
 * @param location where it redirects to; empty if it does not
 * @param body how it begins; empty if that was not read
 */
record ProbeResult(boolean success, boolean conclusive, String detail, int statusCode, String location, String body) {

    ProbeResult {
        Objects.requireNonNull(detail);
        Objects.requireNonNull(location);
        Objects.requireNonNull(body);
    }

    static ProbeResult success(String detail) {
        return new ProbeResult(true, true, detail, 0, "", "");
    }

    static ProbeResult inconclusive(String detail) {
        return new ProbeResult(false, false, detail, 0, "", "");
    }

    static ProbeResult failure(String detail) {
        return new ProbeResult(false, true, detail, 0, "", "");
    }
}
