package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Status.PoolStatus;
import org.junit.jupiter.api.Test;

class ServicePagesTest {

    private final AdminFixture admin = new AdminFixture();

    @Test
    void metricsComeInTheFormatAskedFor() {
        admin.registry.counter("turnout.test").increment();

        Reply plain = admin.get("/metrics");
        Reply open = admin.get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");

        assertThat(plain.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(plain.body()).contains("turnout_test_total 1.0").doesNotContain("# EOF");
        assertThat(open.contentType()).isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(open.body()).contains("turnout_test_total 1.0").endsWith("# EOF\n");
    }

    @Test
    void readyWhileTheActivePoolTakesRequests() {
        assertThat(admin.get("/health/ready").status()).isEqualTo(200);
        assertThat(admin.get("/health/live").status()).isEqualTo(200);
    }

    @Test
    void notReadyOnceShutdownHasBegunButLive() {
        admin.shuttingDown = true;

        assertThat(AdminFixture.problem(admin.get("/health/ready"))).isEqualTo("not-ready");
        assertThat(admin.get("/health/live").status()).isEqualTo(200);
    }

    @Test
    void notReadyWithoutAUsableBackendInTheActivePool() {
        admin.control.status = FakeControl.status(
                42, FakeControl.pool(Colour.BLUE, 0, 0, null), FakeControl.pool(Colour.GREEN, 2, 0, null));

        assertThat(admin.get("/health/ready").status()).isEqualTo(503);
    }

    @Test
    void readyInPanicAsAllBackendsAreUsedThen() {
        PoolStatus none = FakeControl.pool(Colour.BLUE, 0, 0, null);
        admin.control.status =
                FakeControl.status(42, FakeControl.inPanic(none), FakeControl.pool(Colour.GREEN, 2, 0, null));

        assertThat(admin.get("/health/ready").status()).isEqualTo(200);
    }

    @Test
    void notReadyWhileTheActivePoolIsDrained() {
        admin.control.status = FakeControl.status(
                42,
                FakeControl.pool(Colour.BLUE, 2, 0, FakeControl.order(Colour.BLUE)),
                FakeControl.pool(Colour.GREEN, 2, 0, null));

        assertThat(admin.get("/health/ready").status()).isEqualTo(503);
    }
}
