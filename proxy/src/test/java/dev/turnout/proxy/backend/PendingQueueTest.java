package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendLimits;
import dev.turnout.config.Colour;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PendingQueueTest {

    private final PendingQueue queue = new PendingQueue();
    private final List<String> woken = new ArrayList<>();

    private PendingQueue.Waiting named(String name) {
        return () -> woken.add(name);
    }

    @Test
    void firstComesFirstAndTheBoundHolds() {
        PendingQueue.Waiting second = named("b");
        assertThat(queue.enter(named("a"), 3)).isTrue();
        assertThat(queue.enter(second, 3)).isTrue();
        assertThat(queue.enter(named("c"), 3)).isTrue();
        assertThat(queue.enter(named("d"), 3)).isFalse();

        assertThat(queue.leave(second)).isTrue();
        assertThat(queue.leave(second)).isFalse();
        queue.enterAgain(named("first"));
        queue.wakeOne();
        queue.wakeAll();
        queue.wakeOne();

        assertThat(woken).containsExactly("first", "a", "c");
        assertThat(queue.size()).isZero();
    }

    /** Threads take leases as event loops do: who finds none waits, looks once more, and is woken by who gives one back. */
    @Test
    void nobodyIsForgotten() throws Exception {
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 9101), 1);
        backend.limit(new BackendLimits(0, 2, 1000, Duration.ofSeconds(1)), queue);
        backend.open();
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(6 * 5_000);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Thread thread = new Thread(() -> {
                for (int round = 0; round < 5_000; round++) {
                    Lease lease = await(backend);
                    most.accumulateAndGet(held.incrementAndGet(), Math::max);
                    held.decrementAndGet();
                    lease.close(Outcome.SUCCESS);
                    done.countDown();
                }
            });
            thread.start();
            threads.add(thread);
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).as("all got a lease").isTrue();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most.get()).isBetween(1, 2);
        assertThat(queue.size()).isZero();
    }

    private Lease await(Backend backend) {
        Lease lease = backend.tryLease();
        Semaphore room = new Semaphore(0);
        PendingQueue.Waiting self = room::release;
        boolean waits = false;
        while (lease == null) {
            if (waits) {
                queue.enterAgain(self);
            } else {
                assertThat(queue.enter(self, 1000)).isTrue();
                waits = true;
            }
            lease = backend.tryLease();
            if (lease == null) {
                room.acquireUninterruptibly();
                lease = backend.tryLease();
            } else if (!queue.leave(self)) {
                queue.wakeOne();
            }
        }
        return lease;
    }
}
