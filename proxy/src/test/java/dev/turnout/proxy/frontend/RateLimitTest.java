package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.RateLimitSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RateLimitTest {

    private static final long SECOND = 1_000_000_000L;
    /** The ticker overflows during the test. */
    private static final long START = Long.parseLong("9223372031854775807");

    private static RateLimit limit(int perSecond, int burst, int addresses) {
        return new RateLimit(new RateLimitSettings(true, perSecond, burst), START, addresses);
    }

    private static Long key(String address) {
        try {
            return RateLimit.keyOf(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void burstPassesAndThenAsManyAsTheRateAllows() {
        RateLimit limit = limit(10, 5, 100);

        int passed = 0;
        for (int i = 0; i < 20; i++) {
            passed += limit.tryTake(1L, START) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(5);
        assertThat(limit.tryTake(1L, START + SECOND / 10 - 1)).isFalse();
        assertThat(limit.tryTake(1L, START + SECOND / 10)).isTrue();
        assertThat(limit.tryTake(1L, START + SECOND / 10)).isFalse();

        passed = 0;
        for (int i = 0; i < 20; i++) {
            passed += limit.tryTake(1L, START + 9 * SECOND) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(5);
    }

    @Test
    void clientsDoNotShareABucket() {
        RateLimit limit = limit(1, 1, 100);

        assertThat(limit.tryTake(1L, START)).isTrue();

        assertThat(limit.tryTake(2L, START)).isTrue();
        assertThat(limit.tryTake(1L, START)).isFalse();
    }

    @Test
    void networkOfIpv6IsOneClientAndEachIpv4AddressIsOne() {
        assertThat(key("2001:db8:1:2::1")).isEqualTo(key("2001:db8:1:2:ffff::9"));
        assertThat(key("2001:db8:1:2::1")).isNotEqualTo(key("2001:db8:1:3::1"));
        assertThat(key("192.0.2.1")).isNotEqualTo(key("192.0.2.2"));
        assertThat(key("::ffff:192.0.2.1")).isEqualTo(key("192.0.2.1"));
        assertThat(key("255.255.255.255")).isPositive();
    }

    @Test
    void noMoreAddressesAreKeptThanAllowedAndFullBucketsGoFirst() {
        RateLimit limit = limit(1, 1, 3);
        for (long client = 0; client < 3; client++) {
            limit.tryTake(client, START);
        }

        assertThat(limit.tryTake(7L, START)).isTrue();
        assertThat(limit.tryTake(7L, START)).isTrue();
        assertThat(limit.size()).isEqualTo(3);
        assertThat(limit.tryTake(0L, START)).isFalse();

        assertThat(limit.tryTake(7L, START + 2 * SECOND)).isTrue();
        assertThat(limit.tryTake(7L, START + 2 * SECOND)).isFalse();
        assertThat(limit.size()).isEqualTo(1);
    }

    @Test
    void racingRequestsGetNoMoreThanTheBucketHolds() throws InterruptedException {
        RateLimit limit = limit(1, 1000, 100);
        AtomicInteger passed = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 1000; i++) {
                    if (limit.tryTake(1L, START)) {
                        passed.incrementAndGet();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(passed).hasValue(1000);
    }
}
