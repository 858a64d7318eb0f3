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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reaching the idle colour before anybody else does, and assets that one colour alone has. */
final class PreviewIT {

    private static final String SECRET = "0123456789abcdef";

    private final RecordingBackend blue = RecordingBackend.start(request -> answer("blue", request.target()));
    private final RecordingBackend green = RecordingBackend.start(request -> answer("green", request.target()));

    private static Answer answer(String colour, String target) {
        return target.contains(".js") && !target.contains(colour) ? Answer.of(404, "none") : Answer.ok(colour);
    }

    @AfterEach
    void closeBackends() {
        blue.close();
        green.close();
    }

    @Test
    void secretOpensTheIdleColourAndGoesNoFurther() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .set("preview.secret", SECRET)
                        .start();
                RawClient client = proxy.client()) {
            Response seen = client.get("/", "X-Turnout-Preview: " + SECRET);
            assertThat(seen.text()).isEqualTo("green");
            assertThat(seen.field("X-Turnout-Colour")).isEqualTo("green");
            assertThat(green.requests().get(0).fields().toString()).doesNotContain(SECRET);
            assertThat(client.get("/", "Cookie: x=y; turnout_preview=" + SECRET).text())
                    .isEqualTo("green");
            assertThat(client.get("/", "X-Turnout-Preview: " + SECRET + "0").text())
                    .isEqualTo("blue");
            assertThat(client.get("/").field("X-Turnout-Colour")).isEmpty();

            assertThat(proxy.metrics().value("turnout_routed_requests_total{colour=\"green\",routed=\"preview\"}"))
                    .isEqualTo(2);
            assertThat(proxy.metrics()
                            .value("turnout_requests_total{code_class=\"2xx\",colour=\"green\",source=\"backend\"}"))
                    .isZero();
        }
    }

    @Test
    void previewIsNeverJudgedAndFollowsTheSwitch() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .set("preview.secret", SECRET)
                        .start();
                RawClient client = proxy.client()) {
            proxy.order("/admin/canary", "{\"steps\":[{\"weight\":0,\"for\":\"1h\"}]}");
            green.behave(request -> Answer.of(500, "broken"));
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/", "X-Turnout-Preview: " + SECRET).status())
                        .isEqualTo(500);
            }
            assertThat(proxy.canary().at("/judge/canaryRequests").asInt()).isZero();
            proxy.order("/admin/canary/abort", "{}");

            // Drained by order: nobody is sent there.
            assertThat(client.get("/", "X-Turnout-Preview: " + SECRET).field("X-Turnout-Error"))
                    .isEqualTo("pool-drained");
            proxy.order("/admin/pools/green/undrain", "{}");
            green.behave(request -> Answer.ok("green"));
            assertThat(client.get("/", "X-Turnout-Preview: " + SECRET).text()).isEqualTo("green");
        }
    }

    @Test
    void listenerOfItsOwnLeadsToTheIdleColour() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .set(
                                "listeners",
                                List.of(Map.of("bind", "127.0.0.1:0"), Map.of("bind", "127.0.0.1:0", "preview", true)))
                        .start();
                RawClient users = proxy.clientOf(0);
                RawClient operators = proxy.clientOf(1)) {
            assertThat(users.get("/").text()).isEqualTo("blue");
            assertThat(operators.get("/").text()).isEqualTo("green");

            proxy.switchTo(Colour.GREEN);
            proxy.order("/admin/pools/blue/undrain", "{}");

            assertThat(users.get("/").text()).isEqualTo("green");
            assertThat(operators.get("/").text()).isEqualTo("blue");
        }
    }

    @Test
    void assetOfTheOtherVersionIsFoundWhileBothTakeRequests() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .set("asset-fallback", List.of("/assets/*.js"))
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/assets/green.1a2b.js").status()).isEqualTo(404);
            proxy.order("/admin/canary", "{\"steps\":[{\"weight\":0,\"for\":\"1h\"}]}");

            assertThat(client.get("/assets/green.1a2b.js").text()).isEqualTo("green");
            assertThat(client.get("/other/green.1a2b.js").status()).isEqualTo(404);
            assertThat(client.get("/assets/none.js").status()).isEqualTo(404);
            assertThat(client.get("/assets/blue.1a2b.js").text()).isEqualTo("blue");
            assertThat(proxy.metrics().value("turnout_retries_total{colour=\"blue\",reason=\"asset-fallback\"}"))
                    .isEqualTo(2);
        }
    }
}
