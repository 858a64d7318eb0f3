package dev.turnout.proxy.release;

/**
 * Immutable. The place of a user among {@value #COUNT}: a pure function of the release's salt and the user's key, so that it
 * is the same after a restart and in every instance, that a user who has the new colour keeps it while the share grows, and
 * that each release has other first users.
 */
public final class Bucket {

    /** How many there are: shares go in steps of 0.01 %. */
    public static final int COUNT = 10_000;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Bucket() {}

    /**
     * 64 bits of FNV-1a over the UTF-16 units of salt, a zero and key, low byte first, then the finalizer of MurmurHash3,
     * as FNV alone mixes the last characters badly.
     */
    public static long hash(String salt, String key) {
        long hash = add(add(FNV_OFFSET, salt), "\0");
        return mixed(add(hash, key));
    }

    /** 0 to {@value #COUNT} - 1. */
    public static int of(long hash) {
        return (int) Long.remainderUnsigned(hash, COUNT);
    }

    private static long add(long hash, String text) {
        long next = hash;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            next = (next ^ (unit & 0xff)) * FNV_PRIME;
            next = (next ^ (unit >>> 8)) * FNV_PRIME;
        }
        return next;
    }

    private static long mixed(long hash) {
        long h = hash;
        h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }
}
