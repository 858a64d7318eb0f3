package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.control.Change.DrainPool;
import dev.turnout.proxy.control.Change.UndrainPool;
import dev.turnout.proxy.request.AnyRequest;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import dev.turnout.proxy.routing.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Health never ends a drain, and a drain says nothing of health. */
@Timeout(120)
class DrainAndHealthTest {

    /** Nobody probes: health is what the test says. */
    private final ControlFixture fixture = new ControlFixture(HealthSettings.Kind.TCP, new MemoryDisk());

    private final Backend first = fixture.pool(Colour.BLUE).members().get(0).backend();
    private final Backend second = fixture.pool(Colour.BLUE).members().get(1).backend();

    @BeforeEach
    void allAreUp() throws Exception {
        for (Colour colour : Colour.values()) {
            fixture.pool(colour).members().forEach(member -> up(member.backend()));
        }
        seen();
        assertThat(fixture.grantsLeases(Colour.BLUE)).isTrue();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void drainedBackendThatGoesDownAndComesUpAgainStaysDrained() throws Exception {
        fixture.make(new PoolChange.Drain(Colour.BLUE, first.address()));

        for (int i = 0; i < 3; i++) {
            down(first);
            seen();
            assertDrained();
            up(first);
            seen();
            assertDrained();
        }

        assertThat(first.isUp()).isTrue();
        fixture.make(new PoolChange.Undrain(Colour.BLUE, first.address()));
        assertThat(first.isClosed()).isFalse();
        assertThat(fixture.pool(Colour.BLUE).usable()).isEqualTo(2);
    }

    @Test
    void drainedBackendWhoseEjectionEndsStaysDrained() throws Exception {
        first.setEjection(new Ejection(Instant.EPOCH, Instant.MAX, 1, ""), System.nanoTime());
        seen();
        fixture.make(new PoolChange.Drain(Colour.BLUE, first.address()));

        first.setEjection(null, System.nanoTime());
        seen();

        assertDrained();
    }

    @Test
    void drainedPoolWhoseBackendsComeAndGoTakesNoLease() throws Exception {
        fixture.make(
                ControlFixture.forced(new DrainPool(Colour.BLUE, Optional.of(Duration.ofHours(1)), OnDeadline.REPORT)));

        for (int i = 0; i < 3; i++) {
            down(first);
            down(second);
            seen();
            assertBlueTakesNothing();
            up(second);
            seen();
            assertBlueTakesNothing();
            up(first);
            seen();
            assertBlueTakesNothing();
        }

        assertThat(fixture.plane.status().blue().healthy()).isEqualTo(2);
        fixture.make(new UndrainPool(Colour.BLUE));
        assertThat(fixture.grantsLeases(Colour.BLUE)).isTrue();
    }

    private void assertDrained() {
        Pool pool = fixture.pool(Colour.BLUE);
        assertThat(pool.members().get(0).duty()).isEqualTo(Pool.Duty.DRAINED);
        assertThat(first.tryLease()).isNull();
        assertThat(second.isClosed()).isFalse();
        assertThat(pool.usable()).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            assertThat(pool.balancer().pick(new AnyRequest(), null)).isSameAs(second);
        }
    }

    private void assertBlueTakesNothing() {
        assertThat(fixture.board.current().drain(Colour.BLUE)).isPresent();
        for (Backend backend : List.of(first, second)) {
            assertThat(backend.tryLease()).isNull();
            assertThat(backend.isDrained()).isTrue();
        }
    }

    private static void up(Backend backend) {
        backend.setHealth(HealthView.UNCHECKED, System.nanoTime());
    }

    private static void down(Backend backend) {
        backend.setHealth(HealthView.UNKNOWN, System.nanoTime());
    }

    /** Has the control thread see the health of this moment. */
    private void seen() throws Exception {
        ControlFixture.get(fixture.plane.settled());
    }
}
