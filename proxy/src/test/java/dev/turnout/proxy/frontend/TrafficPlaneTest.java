package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.routing.Switchboard;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TrafficPlaneTest {

    @Test
    void nothingIsLeftToDoAfterTheEnd() throws IOException {
        Settings settings =
                Edge.settings().set("transport", "nio").set("workers", 1).build();
        Edge edge = new Edge(Edge.settings());
        TrafficPlane plane = new TrafficPlane(
                settings, new Switchboard(edge.table), new Evidence(1), new Mirror(Clock.systemUTC()), worker -> edge);
        plane.start();
        assertThat(plane.boundAddresses()).hasSize(1);
        plane.close();

        plane.close(Colour.BLUE, false);

        assertThat(plane.shutdown(Duration.ZERO, Duration.ZERO)).isTrue();
    }
}
