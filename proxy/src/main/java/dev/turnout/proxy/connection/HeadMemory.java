package dev.turnout.proxy.connection;

/**
 * Confined to one event loop. The memory by which the heads of clients' requests have grown beyond what is usual. A head that
 * does not end costs its client nothing, and each connection may have one: all of them together have a bound.
 */
public final class HeadMemory {

    /** What a head may have without being counted. */
    public static final int USUAL = 4096;

    private final long most;
    private long held;

    /** @param most bytes */
    public HeadMemory(long most) {
        this.most = most;
    }

    /** A share of the heap for one of so many workers: a quarter for all of them together. */
    static HeadMemory of(int workers) {
        return new HeadMemory(Runtime.getRuntime().maxMemory() / 4 / workers);
    }

    /**
     * Counts a head of that many bytes in place of what was counted for it before.
     *
     * @return what is counted for it now, to be given back by {@link #release}; -1 if there is no room for it, and then what was
     *     counted before still is
     */
    public int count(int before, int bytes) {
        int now = Math.max(0, bytes - USUAL);
        if (now > before && held - before + now > most) {
            return -1;
        }
        held += now - before;
        return now;
    }

    /** Gives back what was counted. */
    public void release(int counted) {
        held -= counted;
    }

    /** Bytes counted. */
    public long held() {
        return held;
    }
}
