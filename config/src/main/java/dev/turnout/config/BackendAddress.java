package dev.turnout.config;

import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. Where one server listens: a host name or IP literal, and a TCP port.
 *
 * @param host name, IPv4 literal, or IPv6 literal without brackets; in lower case, not resolved here
 * @param port 1..65535
 */
public record BackendAddress(String host, int port) {

    public BackendAddress {
        Objects.requireNonNull(host);
        HostSyntax.check(host);
        host = host.toLowerCase(Locale.ROOT);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " (expected: 1..65535)");
        }
    }

    /**
     * Reads {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException whose message says what was expected
     */
    public static BackendAddress parse(String text) {
        SocketBind bind = SocketBind.parse(text);
        return new BackendAddress(bind.host(), bind.port());
    }

    /** {@code host:port}, an IPv6 host in brackets: the label in metrics, the key in the API. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
