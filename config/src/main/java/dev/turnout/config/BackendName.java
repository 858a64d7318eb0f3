package dev.turnout.config;

import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. A name that leads to backends: each of its addresses is one, at this port; or, without a port, each of its SRV
 * records tells name and port of some (RFC 2782).
 *
 * @param host in lower case, not resolved here, and no IP address
 * @param port 1..65535; 0: SRV records are asked for
 */
public record BackendName(String host, int port) {

    public BackendName {
        Objects.requireNonNull(host);
        HostSyntax.check(host);
        if (HostSyntax.literal(host) != null || host.indexOf('%') >= 0) {
            throw new IllegalArgumentException("an IP address is no name");
        }
        host = host.toLowerCase(Locale.ROOT);
        if (port < 0 || port > 65_535 || (port == 0 && !host.startsWith("_"))) {
            throw new IllegalArgumentException(
                    "expected: host:port, or a name of SRV records, such as _http._tcp.example.internal");
        }
    }

    /**
     * Reads {@code host:port}, or a name that begins with an underscore, as those of SRV records do.
     *
     * @throws IllegalArgumentException whose message says what was expected
     */
    public static BackendName parse(String text) {
        if (text.startsWith("_") && text.indexOf(':') < 0) {
            return new BackendName(text, 0);
        }
        SocketBind bind = SocketBind.parse(text);
        if (bind.port() == 0) {
            throw new IllegalArgumentException("port 0 (expected: 1..65535)");
        }
        return new BackendName(bind.host(), bind.port());
    }

    /** Whether {@code text} is to be read as one, and not as a {@link BackendAddress}. Says nothing of whether it is good. */
    public static boolean isName(String text) {
        if (text.startsWith("[")) {
            return false;
        }
        int colon = text.indexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        return host.chars().anyMatch(c -> c != '.' && (c < '0' || c > '9')) && (colon >= 0 || text.startsWith("_"));
    }

    /** Whether it is that of SRV records. */
    public boolean isSrv() {
        return port == 0;
    }

    /** {@code host:port}, or the SRV name alone: the key in the API. */
    @Override
    public String toString() {
        return isSrv() ? host : host + ":" + port;
    }
}
