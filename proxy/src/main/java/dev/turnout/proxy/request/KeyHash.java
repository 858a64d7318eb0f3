package dev.turnout.proxy.request;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * Immutable. 64 bits of FNV-1a, then the finalizer of MurmurHash3, as FNV alone mixes the last bytes badly. Not keyed: other
 * instances, and this one after a restart, must come to the same. Never {@link #NONE}.
 */
public final class KeyHash {

    /** What stands for a key that is absent or empty. */
    public static final long NONE = 0;

    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;
    private static final int NETWORK_BYTES = 8;

    private KeyHash() {}

    /** Of a slice; {@link #NONE} if that is empty. Allocates nothing. */
    public static long of(byte[] bytes, int from, int to) {
        if (from >= to) {
            return NONE;
        }
        long hash = OFFSET;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * PRIME;
        }
        return mixed(hash);
    }

    /** Of a text. */
    public static long of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return of(bytes, 0, bytes.length);
    }

    /** Of an address, of IPv6 its /64 network: a client changes the rest of it from day to day. */
    public static long of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return of(bytes, 0, address instanceof Inet6Address ? NETWORK_BYTES : bytes.length);
    }

    /** Another hash out of a hash. */
    public static long mixed(long hash) {
        long h = hash;
        h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        h ^= h >>> 33;
        return h == NONE ? 1 : h;
    }
}
