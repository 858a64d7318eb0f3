package dev.turnout.proxy.backend;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Thread-safe. The leases of one backend and the bit that refuses new ones, in one atomic word. Two words, however they
 * are ordered, leave a moment in which a backend is reported empty and a request still gets in
 * (docs/RATIONALE.md, "One word"). Grants none until {@link #open}.
 */
final class LeaseCounter {

    private static final long CLOSED = 1L << 63;
    private static final long EXCHANGE = 1L;
    private static final long TUNNEL = 1L << 32;
    private static final long EXCHANGES_MASK = TUNNEL - 1;

    /** Bit 63: closed. Bits 32..62: tunnels. Bits 0..31: exchanges. Written by all event loops and the control thread. */
    private final AtomicLong word = new AtomicLong(CLOSED);

    /** Written by the control thread, read by event loops. */
    private volatile int limit;

    /** Exchanges and tunnels at a time; 0: no limit. */
    void limit(int most) {
        limit = most;
    }

    /** Counts one exchange unless closed or full. */
    boolean tryAcquire() {
        int most = limit;
        for (; ; ) {
            long seen = word.get();
            if (seen < 0 || (most != 0 && sum(seen) >= most)) {
                return false;
            }
            if (word.weakCompareAndSetVolatile(seen, seen + EXCHANGE)) {
                return true;
            }
        }
    }

    /** Whether one would be counted at this moment. */
    boolean hasRoom() {
        return room() > 0;
    }

    /** How many would be counted at this moment. */
    int room() {
        int most = limit;
        long seen = word.get();
        if (seen < 0) {
            return 0;
        }
        return most == 0 ? Integer.MAX_VALUE : (int) Math.max(0, most - sum(seen));
    }

    void releaseExchange() {
        word.getAndAdd(-EXCHANGE);
    }

    void releaseTunnel() {
        word.getAndAdd(-TUNNEL);
    }

    /** One exchange became a tunnel; never refused, the lease is already held. */
    void exchangeToTunnel() {
        word.getAndAdd(TUNNEL - EXCHANGE);
    }

    /** From the return of this call on no lease is granted. */
    void close() {
        word.getAndUpdate(seen -> seen | CLOSED);
    }

    void open() {
        word.getAndUpdate(seen -> seen & ~CLOSED);
    }

    boolean isClosed() {
        return word.get() < 0;
    }

    /** Whether no lease is held and none will be until {@link #open}: one look at one word. */
    boolean isDrained() {
        return word.get() == CLOSED;
    }

    /** Exchanges and tunnels, of one moment. */
    long total() {
        return sum(word.get());
    }

    private static long sum(long word) {
        return (word & EXCHANGES_MASK) + ((word & ~CLOSED) >>> 32);
    }

    long exchanges() {
        return word.get() & EXCHANGES_MASK;
    }

    long tunnels() {
        return (word.get() & ~CLOSED) >>> 32;
    }
}
