package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The maintenance page goes up and comes down by command. */
final class MaintenanceIT {

    private static final String ON = "{\"enabled\":true,\"reason\":\"schema\"}";
    private static final String OFF = "{\"enabled\":false}";

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue =
            RecordingBackend.start(request -> request.target().equals("/held")
                    ? new Answer(List.of()).thenHold(gate).thenSend("HTTP/1.1 204 No Content\r\n\r\n")
                    : Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @TempDir
    Path folder;

    @AfterEach
    void closeBackends() {
        gate.countDown();
        blue.close();
        green.close();
    }

    @Test
    void newRequestsGetThePageAndThoseInFlightTheirAnswer() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).green(green).start();
                RawClient client = proxy.client();
                RawClient held = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");
            held.send(held.request("GET", "/held") + "\r\n");
            proxy.awaitBlueInFlight(1);

            assertThat(RunningProxy.json(proxy.post("/admin/maintenance", ON)).toString())
                    .startsWith("{\"changed\":true,\"revision\":2,")
                    .endsWith("\"enabled\":true}");

            long reached = blue.requestCount();
            Response page = client.get("/");
            assertThat(page.status()).isEqualTo(503);
            assertThat(page.field("X-Turnout-Error")).isEqualTo("maintenance");
            assertThat(page.field("Retry-After")).isEqualTo("1");
            assertThat(blue.requestCount()).isEqualTo(reached);
            gate.countDown();
            assertThat(held.readFinal("GET").status()).isEqualTo(204);
            assertThat(proxy.status().path("maintenance").asBoolean()).isTrue();
            assertThat(proxy.metrics().value("turnout_maintenance")).isEqualTo(1);
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(RunningProxy.json(proxy.post("/admin/maintenance", ON))
                            .path("changed")
                            .asBoolean())
                    .isFalse();

            proxy.post("/admin/maintenance", OFF);
            assertThat(client.get("/").text()).isEqualTo("blue");
            assertThat(proxy.get("/admin/history").body())
                    .contains("\"maintenance-on\"", "\"maintenance-off\"", "\"schema\"");
        }
    }

    @Test
    void switchDuringMaintenanceShowsWhenItEnds() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).green(green).start();
                RawClient client = proxy.client()) {
            proxy.post("/admin/maintenance", ON);

            proxy.switchTo(Colour.GREEN);

            assertThat(client.get("/").status()).isEqualTo(503);
            proxy.post("/admin/maintenance", OFF);
            assertThat(client.get("/").text()).isEqualTo("green");
        }
    }

    @Test
    void restartKeepsItUp() throws IOException {
        Path state = folder.resolve("state.json");
        try (RunningProxy proxy = proxy().blue(blue).stateIn(state).start()) {
            proxy.post("/admin/maintenance", ON);
        }

        try (RunningProxy proxy = proxy().blue(blue).stateIn(state).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").field("X-Turnout-Error")).isEqualTo("maintenance");
            proxy.post("/admin/maintenance", OFF);
            assertThat(client.get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void commandThatDoesNotSayWhatIsRefused() {
        try (RunningProxy proxy = proxy().blue(blue).start()) {
            assertThat(proxy.post("/admin/maintenance", "").statusCode()).isEqualTo(400);
            assertThat(proxy.post("/admin/maintenance", "{\"enabled\":\"on\"}").statusCode())
                    .isEqualTo(400);
            assertThat(proxy.post("/admin/maintenance", "{\"enabled\":true,\"expectedRevision\":9}")
                            .statusCode())
                    .isEqualTo(412);
            assertThat(proxy.status().path("maintenance").asBoolean()).isFalse();
        }
    }
}
