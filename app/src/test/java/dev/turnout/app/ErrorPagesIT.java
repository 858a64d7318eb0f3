package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of Turnout itself. No pool has a backend, so every request is answered by it. */
final class ErrorPagesIT {

    @TempDir
    Path folder;

    @Test
    void answerHasTheFormThatTheClientLikes() throws IOException {
        try (RunningProxy proxy = proxy().start();
                RawClient client = proxy.client()) {

            Response text = client.get("/");
            Response json = client.get("/", "Accept: application/json", "X-Request-Id: abc-1");
            Response html = client.get("/", "Accept: text/html,*/*;q=0.8");

            assertThat(text.field("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(text.text()).isEqualTo("503 Service Unavailable: no-backend\n");
            assertThat(json.field("Content-Type")).isEqualTo("application/json");
            assertThat(new ObjectMapper()
                            .readTree(json.text())
                            .path("requestId")
                            .asText())
                    .isEqualTo("abc-1");
            assertThat(html.field("Content-Type")).isEqualTo("text/html; charset=utf-8");
            assertThat(html.field("Vary")).isEqualTo("Accept");
            assertThat(html.text()).contains("<h1>Service Unavailable</h1>");
        }
    }

    @Test
    void headHasTheLengthOfThePageAndNoBody() throws IOException {
        try (RunningProxy proxy = proxy().start();
                RawClient client = proxy.client()) {
            int length = client.get("/", "Accept: text/html", "X-Request-Id: a")
                    .text()
                    .length();

            client.send(client.request("HEAD", "/", "Accept: text/html", "X-Request-Id: a") + "\r\n");
            Response head = client.readAnswerTo("HEAD");

            assertThat(head.field("Content-Length")).isEqualTo(Integer.toString(length));
            assertThat(client.get("/").status()).isEqualTo(503);
        }
    }

    @Test
    void requestThatCannotBeReadIsAnsweredInText() throws IOException {
        try (RunningProxy proxy = proxy().start();
                RawClient client = proxy.client()) {

            client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nAccept: text/plain\r\n\r\n");

            assertThat(client.readFinal("GET").text()).isEqualTo("400 Bad Request: bad-request\n");
        }
    }

    @Test
    void operatorHasPagesOfHisOwn() throws IOException {
        Files.writeString(folder.resolve("maintenance.html"), "<p>back at noon</p>");
        try (RunningProxy proxy =
                        proxy().set("error-pages.folder", folder.toString()).start();
                RawClient client = proxy.client()) {
            proxy.post("/admin/maintenance", "{\"enabled\":true}");
            assertThat(client.get("/", "Accept: text/html").text()).isEqualTo("<p>back at noon</p>");

            Files.writeString(folder.resolve("maintenance.html"), "<p>back at one</p>");
            proxy.reopen();

            assertThat(client.get("/", "Accept: text/html").text()).isEqualTo("<p>back at one</p>");
        }
    }
}
