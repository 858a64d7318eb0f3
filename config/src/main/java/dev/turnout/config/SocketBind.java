package dev.turnout.config;

import java.net.InetAddress;
import java.util.Objects;

/**
 * Immutable. A local address to listen on.
 *
 * @param host name or IP literal, IPv6 without brackets; not resolved here
 * @param port 0..65535; 0 lets the system choose
 */
public record SocketBind(String host, int port) {

    public SocketBind {
        Objects.requireNonNull(host);
        HostSyntax.check(host);
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " (expected: 0..65535)");
        }
    }

    /**
     * Reads {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException whose message says what was expected
     */
    public static SocketBind parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[") && colon > 0 && text.charAt(colon - 1) == ']';
        if (colon <= 0 || (!bracketed && text.indexOf(':') != colon)) {
            throw new IllegalArgumentException("expected: host:port or [v6]:port");
        }
        String host = bracketed ? text.substring(1, colon - 1) : text.substring(0, colon);
        String port = text.substring(colon + 1);
        if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("expected: host:port with a port in 0..65535");
        }
        return new SocketBind(host, Integer.parseInt(port));
    }

    /** Whether only this machine can reach it: a loopback address, or {@code localhost}. Other names are not looked up. */
    public boolean isLoopback() {
        InetAddress address = HostSyntax.literal(host);
        return address == null ? host.equalsIgnoreCase("localhost") : address.isLoopbackAddress();
    }

    /** {@code host:port}, an IPv6 host in brackets. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
