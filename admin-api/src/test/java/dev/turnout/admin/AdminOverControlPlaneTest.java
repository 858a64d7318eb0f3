package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.control.ControlPlane;
import dev.turnout.proxy.control.FirstTable;
import dev.turnout.proxy.control.LoadedState;
import dev.turnout.proxy.control.StateStore;
import dev.turnout.proxy.control.WarmUps;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.routing.NameLookups;
import dev.turnout.proxy.routing.Switchboard;
import dev.turnout.proxy.routing.WarmUpOrder;
import dev.turnout.proxy.routing.WarmUpReport;
import dev.turnout.proxy.routing.Warmer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdminOverControlPlaneTest {

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private Switchboard switchboard;
    private ControlPlane control;
    private AdminServer server;

    @BeforeEach
    void start() throws Exception {
        Settings settings = settings(folder.resolve("state.json"));
        StateStore store = new StateStore(settings.stateFile());
        LoadedState loaded = store.load();
        switchboard = new Switchboard(FirstTable.make(settings, loaded, 1));
        control = new ControlPlane(
                settings,
                switchboard,
                store,
                loaded,
                (colour, idleOnly) -> {},
                List.of(),
                new Evidence(1),
                new Mirror(Clock.systemUTC()),
                NameLookups.NONE,
                Clock.systemUTC());
        server = new AdminServer(
                settings.admin(),
                settings,
                control,
                Optional.empty(),
                new WarmUps(switchboard, new NoWarmer()),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        control.close();
    }

    @Test
    void switchAnswersALongPollAndStandsInTheHistory() throws Exception {
        long before = status().get("revision").longValue();
        CompletableFuture<HttpResponse<String>> poll =
                client.sendAsync(to("/admin/status?wait=60s&revision=" + before).build(), BodyHandlers.ofString());

        HttpResponse<String> reply = post("/admin/switch", "{\"to\":\"green\",\"reason\":\"2.4.1\"}");

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(Json.parse(poll.join().body()).get("active").textValue()).isEqualTo("green");
        assertThat(Json.parse(get("/admin/history").body()).at("/0/reason").textValue())
                .isEqualTo("2.4.1");
    }

    @Test
    void switchThatWaitsForDrainedAnswersWhenTheLastLeaseIsGivenBack() throws Exception {
        Lease lease = switchboard
                .current()
                .pool(Colour.BLUE)
                .members()
                .get(0)
                .backend()
                .tryLease();

        HttpResponse<String> early = post("/admin/switch", "{\"wait\":\"drained\",\"timeout\":\"0s\"}");
        assertThat(early.statusCode()).isEqualTo(202);
        assertThat(Json.parse(early.body()).get("inFlight").longValue()).isEqualTo(1);
        assertThat(status().at("/pools/blue/draining").booleanValue()).isTrue();
        CompletableFuture<HttpResponse<String>> late =
                client.sendAsync(command("/admin/pools/blue/drain", "{\"wait\":true}"), BodyHandlers.ofString());
        lease.close(Outcome.SUCCESS);

        assertThat(late.join().statusCode()).isEqualTo(200);
        assertThat(Json.parse(late.join().body()).get("drained").booleanValue()).isTrue();
        assertThat(status().at("/pools/blue/drained").booleanValue()).isTrue();
    }

    @Test
    void refusalsCarryTheirProblemAndTheRevision() throws Exception {
        assertThat(problem(post("/admin/rollback", ""))).isEqualTo("no-previous-colour");
        assertThat(problem(post("/admin/pools/blue/drain", ""))).isEqualTo("pool-is-active");
        assertThat(problem(post("/admin/switch", "{\"expectedRevision\":99}"))).isEqualTo("revision-mismatch");
        assertThat(post("/admin/switch", "").statusCode()).isEqualTo(200);

        HttpResponse<String> second = post("/admin/switch", "");

        assertThat(problem(second)).isEqualTo("recently-switched");
        assertThat(second.headers().firstValue("ETag"))
                .contains(RevisionTag.of(status().get("revision").longValue()));
    }

    private JsonNode status() throws Exception {
        return Json.parse(get("/admin/status").body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(to(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(command(path, body), BodyHandlers.ofString());
    }

    private HttpRequest command(String path, String body) {
        return to(path).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.boundAddress().getPort() + path));
    }

    private static String problem(HttpResponse<String> response) {
        return response.headers().firstValue("X-Turnout-Error").orElse("none");
    }

    private static Settings settings(Path stateFile) {
        return new SettingsBuilder()
                .admin("127.0.0.1:0")
                .health(HealthSettings.Kind.NONE)
                .blue("127.0.0.1:9101")
                .green("127.0.0.1:9201")
                .stateFile(stateFile)
                .set("switch-guard", Duration.ofMinutes(1))
                .build();
    }

    /** Thread-safe. Nothing is ever warmed up here. */
    private static final class NoWarmer implements Warmer {

        @Override
        public int eventLoops() {
            return 1;
        }

        @Override
        public CompletionStage<WarmUpReport> warmUp(WarmUpOrder order) {
            return CompletableFuture.failedFuture(new IllegalStateException("nobody asked for it"));
        }
    }
}
