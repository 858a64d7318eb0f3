package dev.turnout.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoBackendsTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static DemoBackends backends;

    @BeforeAll
    static void start() throws IOException {
        backends = DemoBackends.start();
    }

    @AfterAll
    static void stop() {
        backends.close();
    }

    @AfterEach
    void reset() throws Exception {
        post(Colour.BLUE, 0, "/demo/blue/reset");
        post(Colour.BLUE, 0, "/demo/green/reset");
    }

    @Test
    void everyBackendSaysWhoItIs() throws Exception {
        for (Colour colour : Colour.values()) {
            for (int i = 0; i < 2; i++) {
                JsonNode json = json(get(colour, i, "/", "*/*"));

                assertThat(json.path("colour").asText()).isEqualTo(colour.label());
                assertThat(json.path("version").asText()).isEqualTo(DemoBackends.version(colour));
                assertThat(json.path("backend").asText()).isEqualTo(colour.label() + "-" + (i + 1));
            }
        }
    }

    @Test
    void requestComesBackAsAnEcho() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(Colour.GREEN, 1, "/cart?item=7"))
                .header("X-Note", "hello")
                .PUT(BodyPublishers.ofByteArray(new byte[100_000]))
                .build();

        JsonNode echo = json(CLIENT.send(request, BodyHandlers.ofString())).path("request");

        assertThat(echo.path("method").asText()).isEqualTo("PUT");
        assertThat(echo.path("path").asText()).isEqualTo("/cart?item=7");
        assertThat(echo.path("bodyBytes").asInt()).isEqualTo(100_000);
        assertThat(echo.path("headers").path("X-Note").asText()).isEqualTo("hello");
    }

    @Test
    void browserGetsAPageAndPlainTextIsOneLine() throws Exception {
        HttpResponse<String> page = get(Colour.BLUE, 0, "/", "text/html,application/xhtml+xml");
        HttpResponse<String> text = get(Colour.BLUE, 0, "/", "text/plain");

        assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(page.body()).startsWith("<!DOCTYPE html>");
        assertThat(text.body()).isEqualTo("blue 1.4.2 blue-1\n");
    }

    @Test
    void headHasTheLengthButNotTheBody() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(Colour.BLUE, 0, "/"))
                .method("HEAD", BodyPublishers.noBody())
                .build();

        HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());

        assertThat(response.headers().firstValueAsLong("Content-Length").orElse(0))
                .isPositive();
        assertThat(response.body()).isEmpty();
    }

    @Test
    void anyBackendCanBeToldToBreakTheOtherColour() throws Exception {
        assertThat(post(Colour.BLUE, 1, "/demo/green/errors?rate=1").statusCode())
                .isEqualTo(200);

        assertThat(get(Colour.GREEN, 0, "/", "*/*").statusCode()).isEqualTo(500);
        assertThat(get(Colour.GREEN, 1, "/", "*/*").statusCode()).isEqualTo(500);
        assertThat(get(Colour.BLUE, 0, "/", "*/*").statusCode()).isEqualTo(200);
    }

    @Test
    void brokenBackendStillTakesCommands() throws Exception {
        post(Colour.GREEN, 0, "/demo/green/errors?rate=1");

        assertThat(post(Colour.GREEN, 0, "/demo/green/reset").statusCode()).isEqualTo(200);
        assertThat(get(Colour.GREEN, 0, "/", "*/*").statusCode()).isEqualTo(200);
    }

    @Test
    void delayHoldsTheAnswerBack() throws Exception {
        post(Colour.BLUE, 0, "/demo/blue/delay?millis=150");

        long before = System.nanoTime();
        get(Colour.BLUE, 0, "/", "*/*");

        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(140_000_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "/demo/green/errors?rate=1.1, 400",
        "/demo/green/errors?rate=NaN, 400",
        "/demo/green/errors?rate=x, 400",
        "/demo/green/errors, 400",
        "/demo/green/delay?millis=-1, 400",
        "/demo/green/delay?millis=60001, 400",
        "/demo/red/errors?rate=1, 404",
        "/demo/green, 404",
        "/demo/green/explode, 404",
        "/demo/, 200"
    })
    void commandThatCannotBeCarriedOutIsRefused(String path, int status) throws Exception {
        assertThat(post(Colour.BLUE, 0, path).statusCode()).isEqualTo(status);
    }

    @Test
    void lookingChangesNothing() throws Exception {
        assertThat(get(Colour.BLUE, 0, "/demo/green/errors?rate=1", "*/*").statusCode())
                .isEqualTo(405);

        JsonNode state = json(get(Colour.BLUE, 0, "/demo", "*/*"));
        assertThat(state.path("green").path("errorRate").asDouble(-1)).isZero();
    }

    private static HttpResponse<String> get(Colour colour, int index, String path, String accept) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(colour, index, path))
                .header("Accept", accept)
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(Colour colour, int index, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(colour, index, path))
                .POST(BodyPublishers.noBody())
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static URI uri(Colour colour, int index, String path) {
        return URI.create("http://" + backends.addresses(colour).get(index) + path);
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        assertThat(response.statusCode()).isEqualTo(200);
        return new JsonMapper().readTree(response.body());
    }
}
