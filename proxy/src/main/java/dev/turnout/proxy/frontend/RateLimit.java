package dev.turnout.proxy.frontend;

import dev.turnout.config.RateLimitSettings;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Thread-safe. Requests that one client address may send: a token bucket for each, kept as the moment at which it will be full
 * again (the generic cell rate algorithm, ITU-T I.371), which is one number and one compare-and-set.
 *
 * <p>Of IPv6 a whole /64 network is one client, as each of its hosts has all the addresses it likes. At most {@value
 * #MOST_ADDRESSES} buckets are kept; full ones are forgotten first, which changes nothing. If all are in use a new address is let
 * pass: else whoever owns many addresses could lock everybody else out.
 */
final class RateLimit {

    static final int MOST_ADDRESSES = 65_536;

    private static final long SECOND = 1_000_000_000L;

    private final boolean enabled;
    private final long intervalNanos;
    private final long toleranceNanos;
    private final int mostAddresses;
    private final ConcurrentHashMap<Long, AtomicLong> fullAgain = new ConcurrentHashMap<>();
    /** When buckets that are full were looked for last. */
    private final AtomicLong swept;

    RateLimit(RateLimitSettings settings, long now) {
        this(settings, now, MOST_ADDRESSES);
    }

    RateLimit(RateLimitSettings settings, long now, int mostAddresses) {
        this.enabled = settings.enabled();
        this.intervalNanos = SECOND / settings.requestsPerSecond();
        this.toleranceNanos = intervalNanos * (settings.burst() - 1);
        this.mostAddresses = mostAddresses;
        this.swept = new AtomicLong(now - SECOND);
    }

    /** Whether there is anything to ask. */
    boolean isEnabled() {
        return enabled;
    }

    /** What a client is known by. */
    static Long keyOf(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        // Of IPv6 the network; an IPv4 address fills the lower half, where no network of the internet has its zeros.
        return address instanceof Inet6Address ? bytes.getLong() : bytes.getInt() & 0xffff_ffffL;
    }

    /** Takes a token for one request; false if there is none. {@code now} is nanoseconds of one ticker. */
    boolean tryTake(Long client, long now) {
        AtomicLong bucket = fullAgain.get(client);
        if (bucket == null) {
            if (fullAgain.size() >= mostAddresses && !sweep(now)) {
                return true;
            }
            AtomicLong fresh = new AtomicLong(now);
            AtomicLong other = fullAgain.putIfAbsent(client, fresh);
            bucket = other == null ? fresh : other;
        }
        while (true) {
            long before = bucket.get();
            long from = before - now > 0 ? before : now;
            if (from - now > toleranceNanos) {
                return false;
            }
            if (bucket.compareAndSet(before, from + intervalNanos)) {
                return true;
            }
        }
    }

    /** Addresses known at this moment. */
    int size() {
        return fullAgain.size();
    }

    /** Forgets the buckets that are full, at most once a second; whether there is room now. */
    private boolean sweep(long now) {
        long last = swept.get();
        if (now - last < SECOND || !swept.compareAndSet(last, now)) {
            return false;
        }
        fullAgain.values().removeIf(bucket -> bucket.get() - now <= 0);
        return fullAgain.size() < mostAddresses;
    }
}
