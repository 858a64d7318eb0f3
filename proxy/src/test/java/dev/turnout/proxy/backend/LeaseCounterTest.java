package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeaseCounterTest {

    @Test
    void closedCounterGrantsNothing() {
        LeaseCounter counter = new LeaseCounter();

        assertThat(counter.tryAcquire()).isFalse();
        assertThat(counter.total()).isZero();
        assertThat(counter.isDrained()).isTrue();
    }

    @Test
    void openCounterIsNotDrainedThoughItIsEmpty() {
        LeaseCounter counter = opened();

        assertThat(counter.total()).isZero();
        assertThat(counter.isDrained()).isFalse();
    }

    @Test
    void leasesHeldAtTheCloseAreCountedToTheEnd() {
        LeaseCounter counter = opened();
        counter.tryAcquire();
        counter.tryAcquire();
        counter.exchangeToTunnel();

        counter.close();

        assertThat(counter.exchanges()).isEqualTo(1);
        assertThat(counter.tunnels()).isEqualTo(1);
        assertThat(counter.total()).isEqualTo(2);
        counter.releaseExchange();
        assertThat(counter.isDrained()).isFalse();
        counter.releaseTunnel();
        assertThat(counter.isDrained()).isTrue();
    }

    @Test
    void openedAgainItGrantsAgainAndKeepsWhatWasHeld() {
        LeaseCounter counter = opened();
        counter.tryAcquire();
        counter.close();

        counter.open();

        assertThat(counter.tryAcquire()).isTrue();
        assertThat(counter.exchanges()).isEqualTo(2);
    }

    @Test
    void limitIsNeverPassedByManyThreads() throws Exception {
        LeaseCounter counter = opened();
        counter.limit(5);
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            boolean tunnels = i % 2 == 0;
            Thread thread = new Thread(() -> {
                for (int round = 0; round < 20_000; round++) {
                    if (counter.tryAcquire()) {
                        most.accumulateAndGet(held.incrementAndGet(), Math::max);
                        if (tunnels) {
                            counter.exchangeToTunnel();
                        }
                        held.decrementAndGet();
                        if (tunnels) {
                            counter.releaseTunnel();
                        } else {
                            counter.releaseExchange();
                        }
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most.get()).isBetween(1, 5);
        assertThat(counter.total()).isZero();
        for (int i = 0; i < 5; i++) {
            assertThat(counter.tryAcquire()).isTrue();
        }
        assertThat(counter.tryAcquire()).isFalse();
        counter.limit(6);
        assertThat(counter.tryAcquire()).isTrue();
        counter.limit(0);
        assertThat(counter.tryAcquire()).isTrue();
    }

    @Test
    void closingAndOpeningTwiceIsTheSameAsOnce() {
        LeaseCounter counter = opened();

        counter.close();
        counter.close();
        assertThat(counter.isClosed()).isTrue();
        counter.open();
        counter.open();

        assertThat(counter.isClosed()).isFalse();
        assertThat(counter.total()).isZero();
    }

    private static LeaseCounter opened() {
        LeaseCounter counter = new LeaseCounter();
        counter.open();
        return counter;
    }
}
