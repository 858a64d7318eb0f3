package dev.turnout.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseTest {

    private final Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 9101), 1);

    @BeforeEach
    void open() {
        backend.open();
    }

    @Test
    void leaseIsGivenBackOnceHoweverOftenItIsClosed() {
        Lease first = Objects.requireNonNull(backend.tryLease());
        Lease second = Objects.requireNonNull(backend.tryLease());

        first.close(Outcome.SUCCESS);
        first.close(Outcome.BROKEN);

        assertThat(backend.exchanges()).isEqualTo(1);
        second.close(Outcome.SUCCESS);
        assertThat(backend.inFlight()).isZero();
    }

    @Test
    void tunnelIsCountedApartFromTheMomentItBecomesOne() {
        Lease lease = Objects.requireNonNull(backend.tryLease());

        lease.becomeTunnel();
        lease.becomeTunnel();

        assertThat(backend.exchanges()).isZero();
        assertThat(backend.tunnels()).isEqualTo(1);
        lease.close(Outcome.NEUTRAL);
        assertThat(backend.inFlight()).isZero();
    }

    @Test
    void closedBackendGrantsNoLease() {
        backend.close();

        assertThat(backend.tryLease()).isNull();
        assertThat(backend.isDrained()).isTrue();
    }
}
