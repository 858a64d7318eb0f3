package dev.turnout.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RetryBudgetTest {

    private final RetryBudget budget = new RetryBudget(20, 3, 1000);

    @Test
    void fewAreAllowedWhateverIsUnderWay() {
        for (int i = 0; i < 3; i++) {
            assertThat(budget.tryFurther()).isTrue();
        }

        assertThat(budget.tryFurther()).isFalse();
        budget.furtherEnded();
        assertThat(budget.tryFurther()).isTrue();
    }

    @Test
    void shareOfWhatIsUnderWayIsAllowed() {
        for (int i = 0; i < 100; i++) {
            budget.exchangeBegan();
        }
        for (int i = 0; i < 20; i++) {
            assertThat(budget.tryFurther()).isTrue();
        }

        assertThat(budget.tryFurther()).isFalse();
        for (int i = 0; i < 100; i++) {
            budget.exchangeEnded();
        }
        for (int i = 0; i < 17; i++) {
            budget.furtherEnded();
            assertThat(budget.tryFurther()).isFalse();
            assertThat(budget.further()).isGreaterThanOrEqualTo(3);
        }
        budget.furtherEnded();
        assertThat(budget.tryFurther()).isTrue();
    }

    @Test
    void bodiesHaveRoomUpToALimitInAll() {
        assertThat(budget.tryKeep(600)).isTrue();
        assertThat(budget.tryKeep(500)).isFalse();
        assertThat(budget.tryKeep(400)).isTrue();

        budget.forget(600);

        assertThat(budget.keptBytes()).isEqualTo(400);
        assertThat(budget.tryKeep(600)).isTrue();
    }
}
