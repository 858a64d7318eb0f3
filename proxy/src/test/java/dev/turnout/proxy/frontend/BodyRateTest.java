package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BodyRateTest {

    private final BodyRate rate = new BodyRate(240);

    @Test
    void eachWindowIsJudgedByItself() {
        rate.start(false);
        rate.add(1_000_000);
        assertThat(rate.isTooSlow()).isFalse();

        rate.add(2399);
        assertThat(rate.isTooSlow()).isTrue();

        rate.add(2400);
        assertThat(rate.isTooSlow()).isFalse();
    }

    @Test
    void windowWithAPauseSaysNothingAndTheNextOneDoes() {
        rate.start(false);
        rate.pause();
        rate.resume();
        assertThat(rate.isTooSlow()).isFalse();

        assertThat(rate.isTooSlow()).isTrue();
    }

    @Test
    void pauseThatLastsCoversEveryWindow() {
        rate.start(false);
        rate.pause();

        assertThat(rate.isTooSlow()).isFalse();
        assertThat(rate.isTooSlow()).isFalse();
        rate.resume();

        assertThat(rate.isTooSlow()).isFalse();
        assertThat(rate.isTooSlow()).isTrue();
    }

    @Test
    void clientThatWaitsForPermissionIsNotSlow() {
        rate.start(true);
        rate.pause();
        rate.resume();
        assertThat(rate.isTooSlow()).isFalse();
        assertThat(rate.isTooSlow()).isFalse();

        rate.permit();

        assertThat(rate.isTooSlow()).isFalse();
        assertThat(rate.isTooSlow()).isTrue();
    }

    @Test
    void clientThatSendsWithoutPermissionWaitsForNothing() {
        rate.start(true);

        rate.add(1);

        assertThat(rate.isTooSlow()).isFalse();
        assertThat(rate.isTooSlow()).isTrue();
    }

    @Test
    void permissionDoesNotEndAPause() {
        rate.start(false);
        rate.pause();

        rate.permit();

        assertThat(rate.isTooSlow()).isFalse();
        assertThat(rate.isTooSlow()).isFalse();
    }

    @Test
    void withoutALimitNothingIsTooSlow() {
        BodyRate any = new BodyRate(0);
        any.start(false);

        assertThat(any.isTooSlow()).isFalse();
    }
}
