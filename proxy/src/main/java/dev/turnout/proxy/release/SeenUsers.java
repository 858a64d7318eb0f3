package dev.turnout.proxy.release;

import java.util.BitSet;

/**
 * Confined to one thread. Users who have had a bad attempt, by hash: a bounded set of 64-bit values. When it is full nobody is
 * added, and who is not in it counts each time.
 */
final class SeenUsers {

    private static final int MOST = 100_000;

    private long[] table = new long[1024];
    private BitSet used = new BitSet(1024);
    private int size;

    /** Whether this is the first time. */
    boolean isFirst(long hash) {
        int at = find(table, used, hash);
        if (used.get(at)) {
            return false;
        }
        if (size < MOST) {
            table[at] = hash;
            used.set(at);
            size++;
            if (size * 2 > table.length) {
                grow();
            }
        }
        return true;
    }

    private void grow() {
        long[] larger = new long[table.length * 2];
        BitSet taken = new BitSet(larger.length);
        used.stream().forEach(i -> {
            int at = find(larger, taken, table[i]);
            larger[at] = table[i];
            taken.set(at);
        });
        table = larger;
        used = taken;
    }

    /** Where it is, or the free place where it belongs. */
    private static int find(long[] in, BitSet taken, long hash) {
        int mask = in.length - 1;
        int at = Long.hashCode(hash) & mask;
        while (taken.get(at) && in[at] != hash) {
            at = (at + 1) & mask;
        }
        return at;
    }
}
