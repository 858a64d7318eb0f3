package dev.turnout.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnout.config.AccessLogSettings;
import dev.turnout.config.AccessLogSettings.Format;
import dev.turnout.config.AccessLogTemplate;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

    private final FinishedExchange exchange = new FinishedExchange();

    @TempDir
    Path folder;

    @Test
    void jsonLineHasEveryField() throws Exception {
        String line = lineOf(Format.JSON);

        assertThat(line)
                .isEqualTo(
                        "{\"time\":\"2026-01-01T00:00:00.042Z\",\"client\":\"192.0.2.7\",\"method\":\"GET\","
                                + "\"host\":\"shop.example\",\"target\":\"/hello?x=1\",\"protocol\":\"HTTP/1.1\",\"status\":200,"
                                + "\"colour\":\"blue\",\"backend\":\"127.0.0.1:9101\",\"routed\":\"normal\",\"attempts\":1,\"revision\":7,"
                                + "\"durationMs\":1.234,\"requestMs\":0.200,\"connectMs\":0.000,\"responseHeadMs\":1.000,\"responseMs\":0.034,\"requestBytes\":12,\"responseBytes\":3456,"
                                + "\"requestId\":\"r-1\",\"traceparent\":null,\"error\":null,\"userAgent\":\"curl/8\",\"referer\":\"http://a/b\"}\n");
    }

    @Test
    void jsonFieldWithoutValueIsNull() throws Exception {
        exchange.colour = null;
        exchange.backend = null;
        exchange.responseHeadNanos = -1;
        exchange.fields.clear();

        JsonNode json = new ObjectMapper().readTree(lineOf(Format.JSON));

        assertThat(json).hasSize(24);
        for (String name : List.of(
                "colour", "backend", "responseHeadMs", "responseMs", "traceparent", "userAgent", "referer", "error")) {
            assertThat(json.get(name).isNull()).as(name).isTrue();
        }
    }

    @Test
    void whateverAClientSendsIsOneJsonLineOfPrintableAsciiThatReadsBack() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0x180; c++) {
            all.append(c);
        }
        exchange.fields.put("user-agent", all.toString());

        String line = lineOf(Format.JSON);

        assertThat(line.substring(0, line.length() - 1)).matches("[ -~]+");
        assertThat(new ObjectMapper().readTree(line).get("userAgent").textValue())
                .isEqualTo(all.toString());
    }

    @Test
    void templateShowsWhatItNames() throws Exception {
        exchange.fields.put("x-tenant", "t\"1\n");
        StringBuilder all = new StringBuilder();
        for (AccessLogTemplate.Field field : AccessLogTemplate.Field.values()) {
            all.append("${").append(field.label()).append("} ");
        }

        assertThat(lineOf(all + "[${request.field.X-Tenant}] \u00e9 ${request.field.none}"))
                .isEqualTo("2026-01-01T00:00:00.042Z 192.0.2.7 GET shop.example /hello?x=1 /hello HTTP/1.1 200 blue"
                        + " 127.0.0.1:9101 normal 1 7 1.234 0.200 0.000 1.000 0.034 12 3456 r-1 - curl/8 http://a/b -"
                        + " [t\\x221\\x0A] ? -\n");
    }

    @Test
    void whateverAClientSendsIsOneLineOfPrintableAsciiInEveryFormat() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0x180; c++) {
            all.append(c);
        }
        exchange.method = all.toString();
        exchange.target = all.toString();
        exchange.fields.put("user-agent", all.toString());
        exchange.fields.put("referer", all.toString());
        exchange.fields.put("traceparent", all.toString());
        exchange.fields.put("x", all.toString());

        for (String line : List.of(
                lineOf(Format.JSON),
                lineOf(Format.COMBINED),
                lineOf("${method} ${target} ${path} ${user-agent} ${referer} ${traceparent} ${request.field.x}"))) {
            assertThat(line.substring(0, line.length() - 1)).matches("[ -~]+");
            assertThat(line).endsWith("\n");
        }
    }

    @Test
    void fileThatWasMovedAwayIsFollowedByANewOne() throws Exception {
        Path file = folder.resolve("access.log");
        Path moved = folder.resolve("access.log.1");
        AccessLogSettings settings = new AccessLogSettings(true, Format.COMBINED, Optional.empty(), Optional.of(file));
        try (AccessLog log = new AccessLog(settings, 1)) {
            exchange.target = "/before";
            log.forWorker(0).finished(exchange);
            awaitText(file, "/before");
            Files.move(file, moved);

            log.reopen();
            awaitText(file, "");
            exchange.target = "/after";
            log.forWorker(0).finished(exchange);
        }

        assertThat(Files.readString(moved)).contains("/before").doesNotContain("/after");
        assertThat(Files.readString(file)).contains("/after").doesNotContain("/before");
    }

    @Test
    void fileThatCannotBeOpenedAgainLeavesTheOldOne() throws Exception {
        Path file = folder.resolve("access.log");
        Path moved = folder.resolve("access.log.1");
        AccessLogSettings settings = new AccessLogSettings(true, Format.COMBINED, Optional.empty(), Optional.of(file));
        try (AccessLog log = new AccessLog(settings, 1)) {
            Files.move(file, moved);
            Files.createDirectory(file);

            log.reopen();
            log.forWorker(0).finished(exchange);
        }

        assertThat(Files.readString(moved)).contains("/hello");
    }

    private static void awaitText(Path file, String text) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!Files.exists(file) || !Files.readString(file).contains(text)) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    @Test
    void combinedLineIsTheOneOfNginx() throws Exception {
        assertThat(lineOf(Format.COMBINED))
                .isEqualTo("192.0.2.7 - - [01/Jan/2026:00:00:00 +0000] \"GET /hello?x=1 HTTP/1.1\" 200 3456"
                        + " \"http://a/b\" \"curl/8\"\n");
    }

    @Test
    void combinedLineEscapesQuotesBackslashesAndControls() throws Exception {
        exchange.fields.remove("referer");
        exchange.fields.put("user-agent", "a\"b\\c\nd\u001b[0m\u00e9");

        assertThat(lineOf(Format.COMBINED)).endsWith(" \"-\" \"a\\x22b\\x5Cc\\x0Ad\\x1B[0m\\xE9\"\n");
    }

    @Test
    void longValueIsCut() throws Exception {
        exchange.target = "/" + "x".repeat(5_000);

        assertThat(new ObjectMapper()
                        .readTree(lineOf(Format.JSON))
                        .get("target")
                        .textValue())
                .hasSize(1_000);
    }

    @Test
    void linesOfAllWorkersAreAppendedToTheFile() throws Exception {
        Path file = folder.resolve("access.log");
        Files.writeString(file, "before\n");

        try (AccessLog log =
                new AccessLog(new AccessLogSettings(true, Format.COMBINED, Optional.empty(), Optional.of(file)), 2)) {
            for (int i = 0; i < 500; i++) {
                exchange.target = "/" + i;
                log.forWorker(0).finished(exchange);
                log.forWorker(1).finished(exchange);
            }
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1_001).startsWith("before");
        for (int i = 0; i < 500; i++) {
            String request = "\"GET /" + i + " HTTP/1.1\"";
            assertThat(lines.stream().filter(line -> line.contains(request))).hasSize(2);
        }
    }

    @Test
    void fileThatCannotBeOpenedIsNamed() {
        Path file = folder.resolve("missing").resolve("access.log");

        assertThatThrownBy(() ->
                        new AccessLog(new AccessLogSettings(true, Format.JSON, Optional.empty(), Optional.of(file)), 1))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void stalledSinkCostsLinesAndNeverTime() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStream stalled = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("one byte at a time");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                written.write(bytes, offset, length);
            }
        };
        AccessLog log = new AccessLog(settings(Format.JSON), 1, stalled);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        log.bindTo(registry);

        int offered = 2 * AccessLog.RING_BYTES / 300;
        for (int i = 0; i < offered; i++) {
            log.forWorker(0).finished(exchange);
        }
        long dropped = log.dropped();
        open.countDown();
        log.close();

        assertThat(dropped).isPositive().isLessThan(offered);
        assertThat(written.toString(StandardCharsets.US_ASCII).lines()).hasSize((int) (offered - dropped));
        assertThat(registry.scrape()).contains("turnout_access_log_dropped_total " + (double) dropped);
    }

    @Test
    void linesThatABrokenSinkRefusedAreCounted() {
        AccessLog log = new AccessLog(settings(Format.JSON), 1, new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        });

        for (int i = 0; i < 10; i++) {
            log.forWorker(0).finished(exchange);
        }
        log.close();

        assertThat(log.dropped()).isEqualTo(10);
    }

    private static AccessLogSettings settings(Format format) {
        return new AccessLogSettings(true, format, Optional.empty(), Optional.empty());
    }

    private String lineOf(Format format) throws IOException {
        return lineOf(settings(format));
    }

    private String lineOf(String template) throws IOException {
        return lineOf(new AccessLogSettings(
                true, Format.TEMPLATE, Optional.of(AccessLogTemplate.parse(template)), Optional.empty()));
    }

    private String lineOf(AccessLogSettings settings) throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        AccessLog log = new AccessLog(settings, 1, sink);
        log.forWorker(0).finished(exchange);
        log.close();
        return sink.toString(StandardCharsets.US_ASCII);
    }
}
