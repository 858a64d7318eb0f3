package dev.turnout.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnout.app.fixture.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at any moment leaves a state that starts, and that knows every change that was ever confirmed. */
final class KilledProcessIT {

    private static final int LIVES = 5;
    private static final int LONGEST_LIFE_MILLIS = 60;
    private static final Pattern SERVING = Pattern.compile("admin API on \\S*?:(\\d+),");

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    /** The last revision that a command or a look was told of; the next command may have been made without an answer. */
    private long confirmed = 1;

    @Test
    void confirmedSwitchesAreThereAfterAKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path config = Files.writeString(folder.resolve("turnout.conf"), """
                turnout {
                  workers = 1
                  transport = nio
                  listeners = [ { bind = "127.0.0.1:0" } ]
                  admin.bind = "127.0.0.1:0"
                  state.file = "state.json"
                  health.kind = none
                  pools { blue.backends = [ "127.0.0.1:1" ], green.backends = [ "127.0.0.1:2" ] }
                }
                """);

        for (int life = 0; life < LIVES; life++) {
            Process process = start(config);
            try {
                int admin = adminPort(process);
                lookAround(admin, "life " + life + " of seed " + seed);
                switchUntilKilled(process, admin, random.nextInt(LONGEST_LIFE_MILLIS));
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        assertThat(confirmed)
                .as("seed %d: at least something was switched", seed)
                .isGreaterThan(1);
    }

    /** Revision 1 is blue and each switch goes to the other colour, so the revision tells the colour. */
    private void lookAround(int admin, String when) throws Exception {
        JsonNode status = get(admin, "/admin/status");
        JsonNode history = get(admin, "/admin/history?limit=200");
        long revision = status.at("/revision").asLong();
        assertThat(revision).as(when).isBetween(confirmed, confirmed + 1);
        assertThat(status.at("/active").asText()).as(when).isEqualTo(revision % 2 == 1 ? "blue" : "green");
        assertThat(status.at("/store/problem").isNull())
                .as(when + " " + status.at("/store"))
                .isTrue();
        assertThat(history.size()).as(when).isEqualTo((int) Math.min(200, revision - 1));
        for (int i = 0; i < history.size(); i++) {
            assertThat(history.get(i).at("/revision").asLong()).as(when).isEqualTo(revision - i);
        }
        confirmed = revision;
    }

    private void switchUntilKilled(Process process, int admin, int lifeMillis) throws InterruptedException {
        CompletableFuture.delayedExecutor(lifeMillis, TimeUnit.MILLISECONDS).execute(process::destroyForcibly);
        while (process.isAlive()) {
            String to = confirmed % 2 == 1 ? "green" : "blue";
            HttpRequest request = HttpRequest.newBuilder(uri(admin, "/admin/switch"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"to\":\"" + to + "\"}"))
                    .build();
            try {
                HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
                confirmed++;
            } catch (IOException killed) {
                // Nobody knows whether this one was made; the next life tells.
                process.waitFor();
            }
        }
    }

    private JsonNode get(int admin, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(admin, path)).build();
        return new ObjectMapper()
                .readTree(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    private static URI uri(int admin, String path) {
        return URI.create("http://127.0.0.1:" + admin + path);
    }

    private Process start(Path config) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder builder = new ProcessBuilder(
                java.toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.turnout.app.Main",
                "run",
                "--config",
                config.toString());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(folder.resolve("log").toFile());
        return builder.start();
    }

    private int adminPort(Process process) {
        String log = Await.value(
                "the process serves, or has ended",
                this::log,
                text -> SERVING.matcher(text).find() || !process.isAlive());
        Matcher serving = SERVING.matcher(log);
        assertThat(serving.find()).as(log).isTrue();
        return Integer.parseInt(serving.group(1));
    }

    private String log() {
        try (BufferedReader reader = Files.newBufferedReader(folder.resolve("log"), StandardCharsets.UTF_8)) {
            return String.join("\n", reader.lines().toList());
        } catch (IOException e) {
            return "no log yet: " + e;
        }
    }
}
