package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart remembers, and what happens when the state file cannot be read or written. */
final class StateIT {

    private final RecordingBackend blue = RecordingBackend.start(request -> Answer.ok("blue"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @TempDir
    Path folder;

    @AfterEach
    void closeBackends() {
        blue.close();
        green.close();
    }

    @Test
    void everythingSurvivesARestart() throws IOException {
        JsonNode before;
        String history;
        try (RunningProxy proxy = plan().start()) {
            proxy.switchTo(Colour.GREEN);
            proxy.switchTo(Colour.BLUE);
            proxy.post("/admin/switch", "{\"to\":\"green\",\"reason\":\"2.4.1 \\u2713\"}");
            before = proxy.status();
            history = proxy.get("/admin/history").body();
        }

        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            JsonNode after = proxy.status();
            assertThat(after.at("/revision").asLong()).isEqualTo(4);
            for (String part : new String[] {
                "/revision", "/active", "/previous", "/activeSince", "/pools/blue/drain", "/pools/green/drain"
            }) {
                assertThat(after.at(part)).as(part).isEqualTo(before.at(part));
            }
            assertThat(after.at("/store/problem").isNull()).isTrue();
            assertThat(proxy.get("/admin/history").body()).isEqualTo(history);
            assertThat(json(proxy.get("/admin/history")).at("/0/reason").asText())
                    .isEqualTo("2.4.1 \u2713");
            assertThat(client.get("/").text()).isEqualTo("green");
            assertThat(proxy.post("/admin/rollback", "").statusCode()).isEqualTo(200);
            assertThat(client.get("/").text()).isEqualTo("blue");
        }
    }

    @Test
    void configuredColourDecidesTheFirstStartOnly() throws IOException {
        try (RunningProxy proxy = plan().set("active", "green").start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("green");
            proxy.switchTo(Colour.BLUE);
        }

        try (RunningProxy proxy = plan().set("active", "green").start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").text()).isEqualTo("blue");
        }
    }

    @Test
    void firstStartIsRememberedThoughNothingChanged() {
        try (RunningProxy proxy = plan().set("active", "green").start()) {
            assertThat(proxy.status().at("/active").asText()).isEqualTo("green");
        }

        try (RunningProxy proxy = plan().set("active", "blue").start()) {
            assertThat(proxy.status().at("/active").asText()).isEqualTo("green");
        }
    }

    @Test
    void corruptFileGivesWayToTheOneBeforeLoudly() throws IOException {
        try (RunningProxy proxy = plan().start()) {
            proxy.switchTo(Colour.GREEN);
            proxy.switchTo(Colour.BLUE);
        }
        String good = Files.readString(file());
        Files.writeString(file(), good.replace("\"revision\":3", "\"revision\":9"));

        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            JsonNode status = proxy.status();
            assertThat(status.at("/revision").asLong()).isEqualTo(2);
            assertThat(status.at("/active").asText()).isEqualTo("green");
            assertThat(status.at("/store/problem").asText())
                    .contains("checksum")
                    .contains(".prev")
                    .contains(".corrupt");
            assertThat(client.get("/").text()).isEqualTo("green");

            proxy.switchTo(Colour.BLUE);
            assertThat(proxy.status().at("/store/problem").isNull()).isTrue();
        }
        assertThat(folder.resolve("state.json.corrupt")).exists();
    }

    @Test
    void configurationDecidesIfNoFileCanBeRead() throws IOException {
        try (RunningProxy proxy = plan().start()) {
            proxy.switchTo(Colour.GREEN);
        }
        Files.writeString(file(), "");
        Files.writeString(folder.resolve("state.json.prev"), "{\"format\":1}");

        try (RunningProxy proxy = plan().start()) {
            JsonNode status = proxy.status();
            assertThat(status.at("/active").asText()).isEqualTo("blue");
            assertThat(status.at("/store/problem").asText()).contains("the settings decide");
        }
    }

    @Test
    void changeThatCannotBeSavedIsRefusedAndTrafficGoesOn() throws IOException {
        Path state = Files.createDirectory(folder.resolve("data"));
        try (RunningProxy proxy = proxy().blue(blue)
                        .green(green)
                        .stateIn(state.resolve("state.json"))
                        .start();
                RawClient client = proxy.client()) {
            // Gone instead of read-only: that stops root as well.
            Path away = Files.move(state, folder.resolve("away"));

            HttpResponse<String> refused = proxy.post("/admin/switch", "{\"to\":\"green\"}");

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("X-Turnout-Error")).contains("state-not-saved");
            assertThat(json(refused).at("/detail").asText()).contains("nothing was changed");
            assertThat(client.get("/").text()).isEqualTo("blue");
            JsonNode status = proxy.status();
            assertThat(status.at("/revision").asLong()).isEqualTo(1);
            assertThat(status.at("/active").asText()).isEqualTo("blue");
            assertThat(status.at("/store/problem").asText()).contains("could not be saved");
            assertThat(json(proxy.get("/admin/history")).findValuesAsText("result"))
                    .containsExactly("refused: state-not-saved");

            Files.move(away, state);
            proxy.switchTo(Colour.GREEN);

            assertThat(client.get("/").text()).isEqualTo("green");
            assertThat(proxy.status().at("/store/problem").isNull()).isTrue();
        }
    }

    private RunningProxy.Plan plan() {
        return proxy().blue(blue).green(green).stateIn(file());
    }

    private Path file() {
        return folder.resolve("state.json");
    }
}
