package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendLimits;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.PendingQueue.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PendingQueueTest {

    private final AtomicLong numbers = new AtomicLong();
    private final PendingQueue queue = new PendingQueue(numbers);
    private final List<String> woken = new ArrayList<>();

    private PendingQueue.Waiting named(String name) {
        return place -> woken.add(name);
    }

    @Test
    void firstComesFirstAndTheBoundHolds() {
        assertThat(queue.enter(named("a"), 3)).isNotNull();
        Place second = Objects.requireNonNull(queue.enter(named("b"), 3));
        assertThat(queue.enter(named("c"), 3)).isNotNull();
        assertThat(queue.enter(named("d"), 3)).isNull();

        assertThat(queue.leave(second)).isTrue();
        assertThat(queue.leave(second)).isFalse();
        assertThat(queue.size()).isEqualTo(2);
        queue.wakeOne();
        queue.wakeAll();
        queue.wakeOne();

        assertThat(woken).containsExactly("a", "c");
    }

    @Test
    void whoWasToldCountsUntilItHasSaidWhatCameOfIt() {
        Place place = Objects.requireNonNull(queue.enter(named("a"), 3));

        queue.wakeOne();
        assertThat(queue.size()).isEqualTo(1);
        assertThat(queue.leave(place)).isFalse();
        queue.done(place);

        assertThat(queue.size()).isZero();
    }

    @Test
    void whoGoesOnWaitingKeepsItsTurn() {
        List<Place> told = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            queue.enter(
                    place -> {
                        woken.add(name);
                        told.add(place);
                    },
                    10);
        }
        queue.wakeAll();
        assertThat(woken).containsExactly("a", "b", "c", "d");
        woken.clear();

        // There was one for "a"; the others come back in any order.
        for (int i : List.of(3, 1, 2)) {
            queue.enterAgain(named("again " + i), told.get(i));
        }
        told.forEach(queue::done);
        queue.enter(named("late"), 10);
        assertThat(queue.size()).isEqualTo(4);
        for (int i = 0; i < 4; i++) {
            queue.wakeOne();
        }

        assertThat(woken).containsExactly("again 1", "again 2", "again 3", "late");
    }

    @Test
    void whoMovesToTheQueueOfAnotherPoolKeepsItsTurn() {
        PendingQueue other = new PendingQueue(numbers);
        Place early = Objects.requireNonNull(queue.enter(named("early"), 10));
        other.enter(named("late"), 10);

        queue.leave(early);
        other.enterAgain(named("moved"), early);
        other.wakeAll();

        assertThat(woken).containsExactly("moved", "late");
        assertThat(queue.size()).isZero();
    }

    @Test
    void allWhoWaitAreToldThoughSomeComeBackMeanwhile() {
        for (int i = 0; i < 1000; i++) {
            String name = "w" + i;
            queue.enter(
                    place -> {
                        woken.add(name);
                        queue.enterAgain(other -> {}, place);
                        queue.done(place);
                    },
                    1000);
        }

        queue.wakeAll();

        assertThat(woken).hasSize(1000).doesNotHaveDuplicates();
        assertThat(queue.size()).isEqualTo(1000);
    }

    /** Threads take leases as event loops do: who comes while others wait stands behind them, and looks once more. */
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
        Lease lease = queue.size() > 0 ? null : backend.tryLease();
        LinkedBlockingQueue<Place> told = new LinkedBlockingQueue<>();
        Place place = lease == null ? queue.enter(told::add, 1000) : null;
        while (lease == null) {
            if (backend.hasRoom()) {
                queue.wakeOne();
            }
            Place mine = take(told);
            lease = backend.tryLease();
            if (lease == null) {
                place = queue.enterAgain(told::add, Objects.requireNonNull(place));
            }
            queue.done(mine);
        }
        return lease;
    }

    private static Place take(LinkedBlockingQueue<Place> told) {
        try {
            return told.take();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
