package dev.turnout.proxy.http;

import dev.turnout.proxy.request.KeyHash;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/** Immutable. What is told to backends of a client connection, made ready once per connection. */
public final class ClientPeer {

    private final boolean trusted;
    private final InetAddress inetAddress;
    private final long hash;
    private final byte[] address;
    private final FieldLine forwardedFor;
    private final FieldLine forwardedProto;
    private final byte[] forwardedElement;

    private ClientPeer(InetAddress inetAddress, String proto, boolean trusted) {
        String address = NetUtil.toAddressString(inetAddress);
        this.trusted = trusted;
        this.inetAddress = inetAddress;
        this.hash = KeyHash.of(inetAddress);
        this.address = address.getBytes(StandardCharsets.US_ASCII);
        this.forwardedFor = FieldLine.of("X-Forwarded-For", address);
        String node = inetAddress instanceof Inet6Address ? "\"[" + address + "]\"" : address;
        this.forwardedElement = ("for=" + node + ";proto=" + proto).getBytes(StandardCharsets.US_ASCII);
        this.forwardedProto = FieldLine.of("X-Forwarded-Proto", proto);
    }

    /**
     * A peer at this address.
     *
     * @param secure whether the connection is encrypted: the scheme is https, else http
     * @param trusted whether what it says of where requests came from is believed
     */
    public static ClientPeer of(InetAddress address, boolean secure, boolean trusted) {
        return new ClientPeer(address, secure ? "https" : "http", trusted);
    }

    /** Whether the forwarding fields of this peer are believed. */
    public boolean isTrusted() {
        return trusted;
    }

    /** Where the connection came from. */
    public InetAddress inetAddress() {
        return inetAddress;
    }

    /** The same as a number, for balancers. */
    public long hash() {
        return hash;
    }

    byte[] address() {
        return address;
    }

    FieldLine forwardedFor() {
        return forwardedFor;
    }

    /** The element of Forwarded for this peer (RFC 7239 section 4), to which a host may be added. */
    byte[] forwardedElement() {
        return forwardedElement;
    }

    FieldLine forwardedProto() {
        return forwardedProto;
    }
}
