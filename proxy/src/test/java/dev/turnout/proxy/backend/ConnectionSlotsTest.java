package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectionSlotsTest {

    private final ConnectionSlots slots = new ConnectionSlots();
    private final List<String> served = new ArrayList<>();

    @Test
    void withoutALimitAllAreCountedAndGiven() {
        for (int i = 0; i < 1000; i++) {
            assertThat(slots.tryTake()).isTrue();
        }
        assertThat(slots.used()).isEqualTo(1000);
        assertThat(slots.surplus()).isZero();

        slots.limit(998);
        assertThat(slots.surplus()).isEqualTo(2);
        assertThat(slots.tryTake()).isFalse();
        slots.limit(0);
        assertThat(slots.surplus()).isZero();
    }

    @Test
    void whoWaitsIsServedInTurnAndWhoLeftIsNot() {
        slots.limit(1);
        assertThat(slots.tryTake()).isTrue();
        assertThat(slots.tryTake()).isFalse();
        Runnable leaves = () -> served.add("b");
        slots.take(() -> served.add("a"));
        slots.take(leaves);
        slots.take(() -> served.add("c"));
        assertThat(slots.isWanted()).isTrue();
        assertThat(slots.cancel(leaves)).isTrue();

        slots.give();
        assertThat(served).containsExactly("a");
        slots.give();
        assertThat(served).containsExactly("a", "c");
        assertThat(slots.cancel(leaves)).isFalse();
        slots.give();
        assertThat(slots.used()).isZero();
        slots.take(() -> served.add("d"));
        assertThat(served).endsWith("d");
    }

    @Test
    void aHigherLimitServesThoseWhoWait() {
        slots.limit(1);
        slots.take(() -> served.add("a"));
        slots.take(() -> served.add("b"));
        slots.take(() -> served.add("c"));
        assertThat(served).containsExactly("a");
        slots.limit(3);
        assertThat(served).containsExactly("a", "b", "c");
    }

    @Test
    void manyThreadsNeverHaveMoreAndAllAreServed() throws Exception {
        slots.limit(3);
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        int rounds = 20_000;
        CountDownLatch done = new CountDownLatch(4 * rounds);
        ExecutorService users = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 4; i++) {
            users.execute(() -> {
                for (int round = 0; round < rounds; round++) {
                    slots.take(() -> users.execute(() -> {
                        most.accumulateAndGet(held.incrementAndGet(), Math::max);
                        held.decrementAndGet();
                        slots.give();
                        done.countDown();
                    }));
                }
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).as("all were served").isTrue();
        users.shutdown();
        assertThat(most.get()).isBetween(1, 3);
        assertThat(slots.used()).isZero();
    }
}
