package dev.turnout.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.connection.HoldQueue.Place;
import dev.turnout.proxy.routing.HoldOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Those who wait: in their order, within bounds, and out again wherever they stand. */
final class HoldQueueTest {

    private static final Instant T0 = Instant.parse("2026-01-01T12:00:00Z");

    private final HoldOrder order = new HoldOrder(2, T0, T0.plusSeconds(10), 5, 100, "");
    private final HoldQueue queue = new HoldQueue(0, 2);
    private final List<Long> over = new ArrayList<>();

    private Place enter(long bytes, long now) {
        return Objects.requireNonNull(queue.enter(over::add, bytes, order, now));
    }

    @Test
    void sharesOfAllWorkersAreTheWhole() {
        HoldQueue other = new HoldQueue(1, 2);
        for (int i = 0; i < 10; i++) {
            queue.enter(over::add, 1, order, 0);
            other.enter(over::add, 1, order, 0);
        }

        assertThat(queue.size()).isEqualTo(3);
        assertThat(other.size()).isEqualTo(2);
    }

    @Test
    void bytesAreBoundedAndGivenBack() {
        Place first = enter(30, 0);
        assertThat(queue.enter(over::add, 21, order, 0)).isNull();
        assertThat(queue.grow(first, 20, order)).isTrue();

        assertThat(queue.grow(first, 1, order)).isFalse();

        assertThat(queue.bytes()).isZero();
        assertThat(queue.size()).isZero();
        assertThat(queue.leave(first)).isFalse();
    }

    @Test
    void whoLeavesFromTheMiddleDoesNotDisturbTheOrder() {
        Place first = enter(1, 0);
        Place second = enter(1, 10);
        Place third = enter(1, 20);
        assertThat(queue.leave(second)).isTrue();

        assertThat(queue.poll()).isSameAs(first);
        assertThat(queue.poll()).isSameAs(third);
        assertThat(queue.poll()).isNull();

        third.letGo(50);
        assertThat(over).containsExactly(30L);
    }

    @Test
    void holdEndsNoLaterThanItsLengthEvenIfTheClockIsSetBack() {
        assertThat(order.left(T0.plusSeconds(4)).toSeconds()).isEqualTo(6);
        assertThat(order.left(T0.minusSeconds(3600)).toSeconds()).isEqualTo(10);
        assertThat(order.hasPassed(T0.plusSeconds(10))).isTrue();
    }
}
