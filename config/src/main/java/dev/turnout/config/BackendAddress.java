package dev.turnout.config;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. Where one server listens: an IP address, and a TCP port. What stands for addresses is a {@link BackendName}.
 *
 * @param host IPv4 literal, or IPv6 literal without brackets, maybe with a zone; in lower case
 * @param port 1..65535
 */
public record BackendAddress(String host, int port) {

    public BackendAddress {
        Objects.requireNonNull(host);
        HostSyntax.check(host);
        if (host.indexOf(':') < 0 && HostSyntax.literal(host) == null) {
            throw new IllegalArgumentException("not an IP address");
        }
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

    /** Where to connect; unresolved if its zone is none of this machine's. Asks nobody, and so never blocks. */
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** {@code host:port}, an IPv6 host in brackets: the label in metrics, the key in the API. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
