package dev.turnout.proxy.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Thread-safe as long as each stripe has one writing thread; any thread may read. An increment is a plain add and an
 * ordered store: no lock prefix, no line shared between event loops.
 */
public final class StripedCounters {

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    /** Longs of padding on both sides of a stripe: two cache lines, as adjacent lines are fetched in pairs. */
    private static final int PAD = 16;

    private final long[][] stripes;
    private final int cells;

    /**
     * @param stripes writers, one stripe each (event loops)
     * @param cells counters in a stripe
     */
    public StripedCounters(int stripes, int cells) {
        this.stripes = new long[stripes][PAD + cells + PAD];
        this.cells = cells;
    }

    /** Adds one; only from the thread that owns {@code stripe}. */
    public void increment(int stripe, int cell) {
        add(stripe, cell, 1);
    }

    /** Adds {@code amount}; only from the thread that owns {@code stripe}. */
    public void add(int stripe, int cell, long amount) {
        long[] own = stripes[stripe];
        int at = PAD + cell;
        CELL.setOpaque(own, at, own[at] + amount);
    }

    /** The sum of one cell over all stripes; each stripe is read once, not all at one instant. */
    public long sum(int cell) {
        if (cell < 0 || cell >= cells) {
            throw new IndexOutOfBoundsException(cell);
        }
        long sum = 0;
        for (long[] stripe : stripes) {
            sum += (long) CELL.getOpaque(stripe, PAD + cell);
        }
        return sum;
    }
}
