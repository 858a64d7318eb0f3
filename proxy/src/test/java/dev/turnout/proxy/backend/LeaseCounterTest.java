package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

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
