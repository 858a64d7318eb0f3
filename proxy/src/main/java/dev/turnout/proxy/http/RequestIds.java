package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * Confined to one event loop. Makes request ids of 32 hexadecimal digits: 64 random bits that no other event loop, process
 * or start shares, then a counter. Ids are to tell requests apart, not to be secret.
 */
public final class RequestIds {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int LENGTH = 32;

    private final byte[] id;

    RequestIds(long prefix) {
        id = String.format("%016x%016x", prefix, 0L).getBytes(StandardCharsets.US_ASCII);
    }

    /** Ids with a prefix of their own. */
    public static RequestIds random() {
        return new RequestIds(RANDOM.nextLong());
    }

    /** The next id; the array is overwritten by the next call. */
    byte[] next() {
        int i = LENGTH - 1;
        while (id[i] == 'f' && i > LENGTH / 2) {
            id[i--] = '0';
        }
        id[i] = (byte) (id[i] == '9' ? 'a' : id[i] + 1);
        return id;
    }
}
