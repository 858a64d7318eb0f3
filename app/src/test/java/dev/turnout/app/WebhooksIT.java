package dev.turnout.app;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receivers hear of every change, signed and in order, and are never in the way. */
final class WebhooksIT {

    private static final String SECRET = "0123456789abcdef";

    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));
    private final WireMockServer receiver = new WireMockServer(options().dynamicPort());

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        receiver.stop();
        blue.close();
        green.close();
    }

    private RunningProxy start(Map<String, Object> more) throws IOException {
        Path secret = Files.writeString(folder.resolve("hook.secret"), SECRET + "\n");
        Map<String, Object> hook = new HashMap<>(more);
        hook.put("url", receiver.baseUrl() + "/hook");
        hook.put("secret-file", secret.toString());
        return proxy().blue(blue).green(green).set("webhooks", List.of(hook)).start();
    }

    private List<LoggedRequest> heard() {
        return receiver.findAll(postRequestedFor(urlEqualTo("/hook")));
    }

    @Test
    void everyChangeIsToldInOrderAndSigned() throws Exception {
        receiver.start();
        receiver.stubFor(post("/hook").willReturn(aResponse().withStatus(204)));
        try (RunningProxy proxy = start(Map.of())) {
            proxy.switchTo(Colour.GREEN);
            proxy.post("/admin/rollback", "{\"reason\":\"2.4.1 is bad\"}");
            proxy.post("/admin/canary", "{\"weight\":1}");

            Await.until("three messages", () -> heard().size() == 3);

            assertThat(heard().stream().map(each -> each.getHeader("X-Turnout-Event")))
                    .containsExactly("switch", "rollback", "canary-start");
            LoggedRequest second = heard().get(1);
            assertThat(second.getBodyAsString())
                    .contains("\"reason\":\"2.4.1 is bad\"", "\"active\":\"blue\"", "\"revision\":3");
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            mac.update((second.getHeader("X-Turnout-Timestamp") + ".").getBytes(StandardCharsets.US_ASCII));
            assertThat(second.getHeader("X-Turnout-Signature"))
                    .isEqualTo("v1=" + HexFormat.of().formatHex(mac.doFinal(second.getBody())));
            Await.until(
                    "all to be counted",
                    () -> proxy.metrics().value("turnout_webhook_deliveries_total{result=\"delivered\"}") == 3);
        }
    }

    @Test
    void messageIsDeliveredAgainWithTheSameIdUntilItIsTaken() throws IOException {
        receiver.start();
        receiver.stubFor(post("/hook")
                .inScenario("again")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(503))
                .willSetStateTo("well"));
        receiver.stubFor(post("/hook")
                .inScenario("again")
                .whenScenarioStateIs("well")
                .willReturn(aResponse().withStatus(200)));
        try (RunningProxy proxy = start(Map.of())) {
            proxy.switchTo(Colour.GREEN);

            Await.until("another delivery", () -> heard().size() == 2);

            assertThat(heard().stream()
                            .map(each -> each.getHeader("X-Turnout-Delivery"))
                            .distinct())
                    .hasSize(1);
        }
    }

    @Test
    void receiverThatWasNotThereHearsOfItWhenItIsBack() throws IOException {
        receiver.start();
        int port = receiver.port();
        WireMockServer back = new WireMockServer(options().port(port));
        try (RunningProxy proxy = start(Map.of())) {
            receiver.stop();
            proxy.switchTo(Colour.GREEN);
            proxy.switchTo(Colour.BLUE);

            // Before it is there: what finds nothing at its path is not delivered again.
            back.stubFor(post("/hook").willReturn(aResponse().withStatus(204)));
            back.start();

            Await.until(
                    "both deliveries",
                    () -> proxy.metrics().value("turnout_webhook_deliveries_total{result=\"delivered\"}") == 2);
            assertThat(back.findAll(postRequestedFor(urlEqualTo("/hook"))).stream()
                            .map(LoggedRequest::getBodyAsString))
                    .satisfiesExactly(
                            first -> assertThat(first).contains("\"revision\":2"),
                            second -> assertThat(second).contains("\"revision\":3"));
        } finally {
            back.stop();
        }
    }

    @Test
    void receiverThatHangsIsNotInTheWay() throws IOException {
        receiver.start();
        receiver.stubFor(post("/hook").willReturn(aResponse().withFixedDelay(60_000)));
        try (RunningProxy proxy = start(Map.of("timeout", "30s"))) {
            for (int i = 0; i < 20; i++) {
                proxy.switchTo(i % 2 == 0 ? Colour.GREEN : Colour.BLUE);
            }

            assertThat(proxy.status().path("revision").asLong()).isEqualTo(21);
            Await.until("the first to arrive", () -> !heard().isEmpty());
            assertThat(proxy.metrics().value("turnout_webhook_pending")).isPositive();
        }
    }

    @Test
    void onlyWhatIsAskedForIsToldAndARefusalIsFinal() throws IOException {
        receiver.start();
        receiver.stubFor(post("/hook").willReturn(aResponse().withStatus(404)));
        try (RunningProxy proxy = start(Map.of("actions", List.of("drain")))) {
            proxy.switchTo(Colour.GREEN);
            proxy.post("/admin/pools/blue/drain", "{\"deadline\":\"1h\"}");

            Await.until(
                    "the end of it",
                    () -> proxy.metrics().value("turnout_webhook_deliveries_total{result=\"failed\"}") == 1);

            assertThat(heard()).hasSize(1);
            assertThat(heard().get(0).getHeader("X-Turnout-Event")).isEqualTo("drain");
        }
    }
}
