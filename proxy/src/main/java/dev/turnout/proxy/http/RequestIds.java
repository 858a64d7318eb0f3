package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.SplittableRandom;

/**
 * Confined to one event loop. Makes request ids of 32 hexadecimal digits: 64 random bits that no other event loop, process
 * or start shares, then a counter. Ids are to tell requests apart, not to be secret.
 */
public final class RequestIds {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int LENGTH = 32;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int TRACE_LONGS = 3;

    private final byte[] id;
    private final byte[] trace = new byte[TRACE_LONGS * 16];
    private final SplittableRandom random;

    RequestIds(long prefix) {
        random = new SplittableRandom(prefix);
        id = String.format("%016x%016x", prefix, 0L).getBytes(StandardCharsets.US_ASCII);
    }

    /** Ids with a prefix of their own. */
    public static RequestIds random() {
        return new RequestIds(RANDOM.nextLong());
    }

    /**
     * A trace id of 32 digits and a parent id of 16, each digit random: samplers go by the last ones (W3C Trace Context level 2,
     * section 2.2.4). The array is overwritten by the next call.
     */
    byte[] nextTrace() {
        for (int i = 0; i < TRACE_LONGS; i++) {
            long bits = random.nextLong();
            for (int digit = 0; digit < 16; digit++) {
                trace[i * 16 + digit] = HEX[(int) (bits >>> (4 * digit)) & 0xf];
            }
        }
        return trace;
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
