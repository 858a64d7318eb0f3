package dev.turnout.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Immutable. A block of IP addresses such as {@code 10.0.0.0/8} or {@code fd00::/8}. */
public final class CidrBlock {

    private final byte[] network;
    private final int prefix;

    private CidrBlock(byte[] network, int prefix) {
        this.network = network;
        this.prefix = prefix;
    }

    /**
     * Reads {@code address/prefix}; a bare address is a block of one. Bits past the prefix are cleared.
     *
     * @throws IllegalArgumentException whose message says what was expected
     */
    public static CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = HostSyntax.literal(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException("expected: an IP address or address/prefix, not a name");
        }
        byte[] network = address.getAddress();
        int bits = network.length * 8;
        int prefix = slash < 0 ? bits : prefix(text.substring(slash + 1), bits);
        for (int bit = prefix; bit < bits; bit++) {
            network[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
        }
        return new CidrBlock(network, prefix);
    }

    private static int prefix(String text, int bits) {
        boolean digits = !text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int prefix = digits ? Integer.parseInt(text) : -1;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException("expected: a prefix in 0.." + bits);
        }
        return prefix;
    }

    /** Whether {@code address} lies in this block; an IPv4 address is never in an IPv6 block. */
    public boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != network.length) {
            return false;
        }
        int whole = prefix / 8;
        if (!Arrays.equals(network, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = prefix % 8;
        int mask = 0xff << (8 - rest);
        return rest == 0 || (network[whole] & mask) == (other[whole] & mask);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof CidrBlock other && prefix == other.prefix && Arrays.equals(network, other.network);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(network) * 31 + prefix;
    }

    /** {@code address/prefix}. */
    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(network).getHostAddress() + "/" + prefix;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
