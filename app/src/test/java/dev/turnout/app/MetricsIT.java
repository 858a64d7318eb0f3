package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.Behaviour;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.app.fixture.Scrape;
import dev.turnout.config.Colour;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics after a known mix of requests, to the last one. */
final class MetricsIT {

    /** Every name that dashboards rely on, with its labels in the order of the alphabet. */
    private static final Map<String, List<String>> CONTRACT = new LinkedHashMap<>();

    static {
        CONTRACT.put("turnout_requests_total", List.of("code_class", "colour", "source"));
        CONTRACT.put("turnout_request_duration_seconds_bucket", List.of("colour", "le"));
        CONTRACT.put("turnout_request_duration_seconds_count", List.of("colour"));
        CONTRACT.put("turnout_request_duration_seconds_sum", List.of("colour"));
        CONTRACT.put("turnout_requests_in_flight", List.of("colour"));
        CONTRACT.put("turnout_active", List.of("colour"));
        CONTRACT.put("turnout_pool_usable", List.of("colour"));
        CONTRACT.put("turnout_pool_panic", List.of("colour"));
        CONTRACT.put("turnout_revision", List.of());
        CONTRACT.put("turnout_switches_total", List.of("kind", "to"));
        CONTRACT.put("turnout_backend_up", List.of("backend", "colour"));
        CONTRACT.put("turnout_backend_requests_total", List.of("backend", "code_class", "colour"));
        CONTRACT.put("turnout_backend_in_flight", List.of("backend", "colour"));
        CONTRACT.put("turnout_backend_connections", List.of("backend", "colour"));
        CONTRACT.put("turnout_requests_pending", List.of("colour"));
        CONTRACT.put("turnout_name_lookups_total", List.of("colour", "result"));
        CONTRACT.put("turnout_names_failing", List.of("colour"));
        CONTRACT.put("turnout_backend_ejected", List.of("backend", "colour"));
        CONTRACT.put("turnout_backend_ejection_overflows_total", List.of("backend", "colour"));
        CONTRACT.put("turnout_backend_ejections_total", List.of("backend", "colour"));
        CONTRACT.put("turnout_backend_failures_total", List.of("backend", "colour", "kind"));
        CONTRACT.put("turnout_connections", List.of("side"));
        CONTRACT.put("turnout_retries_total", List.of("colour", "reason"));
        CONTRACT.put("turnout_retry_budget_exhausted_total", List.of("colour"));
        CONTRACT.put("turnout_proxy_errors_total", List.of("colour", "error"));
        CONTRACT.put("turnout_canary_weight", List.of());
        CONTRACT.put("turnout_routed_requests_total", List.of("colour", "routed"));
        CONTRACT.put("turnout_name_lookups_total", List.of("colour", "result"));
        CONTRACT.put("turnout_names_failing", List.of("colour"));
        CONTRACT.put("turnout_config_last_reload_successful", List.of());
        CONTRACT.put("turnout_config_last_reload_timestamp_seconds", List.of());
        CONTRACT.put("turnout_webhook_deliveries_total", List.of("result"));
        CONTRACT.put("turnout_webhook_pending", List.of());
        CONTRACT.put("turnout_mirror_requests_total", List.of("result"));
        CONTRACT.put("turnout_warm_up_requests_total", List.of("colour", "result"));
        CONTRACT.put("turnout_drain_ended_total", List.of("class"));
        CONTRACT.put("turnout_requests_held", List.of());
        CONTRACT.put("turnout_held_requests_total", List.of("result"));
        CONTRACT.put("turnout_maintenance", List.of());
        CONTRACT.put("turnout_draining", List.of("colour"));
    }

    private static final Pattern TYPE = Pattern.compile("# TYPE (turnout_\\S+) (\\S+)");
    private static final Pattern ROW = Pattern.compile("\\| `(turnout_[a-z_]+)` \\| (\\w+) \\| ([^|]*) ?\\| .*\\|");

    @TempDir
    Path folder;

    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    @Test
    void everyRequestIsCountedOnceAndInItsPlace() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(MetricsIT::answer);
                RunningProxy proxy = proxy().blue(blue).set("workers", 2).start()) {
            try (RawClient client = proxy.client()) {
                for (int i = 0; i < 3; i++) {
                    assertThat(client.get("/").status()).isEqualTo(200);
                }
                for (int i = 0; i < 2; i++) {
                    assertThat(client.get("/missing").status()).isEqualTo(404);
                }
                assertThat(client.get("/broken").status()).isEqualTo(500);
                assertThat(client.post("/hang-up", "x").status()).isEqualTo(502);
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            leave(proxy);
            assertThat(proxy.post("/admin/switch", "{\"to\":\"green\",\"force\":true}")
                            .statusCode())
                    .isEqualTo(200);
            try (RawClient client = proxy.client()) {
                assertThat(client.get("/").status()).isEqualTo(503);
                assertThat(client.send("nonsense\r\n\r\n").read().status()).isEqualTo(400);
            }
            Await.until(
                    "all clients are gone", () -> proxy.metrics().value("turnout_connections{side=\"client\"}") == 0);

            Scrape metrics = proxy.metrics();

            assertThat(counted(metrics, "turnout_requests_total"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "{code_class=\"2xx\",colour=\"blue\",source=\"backend\"}", 4.0,
                            "{code_class=\"4xx\",colour=\"blue\",source=\"backend\"}", 2.0,
                            "{code_class=\"5xx\",colour=\"blue\",source=\"backend\"}", 1.0,
                            "{code_class=\"5xx\",colour=\"blue\",source=\"proxy\"}", 1.0,
                            "{code_class=\"4xx\",colour=\"blue\",source=\"proxy\"}", 1.0,
                            "{code_class=\"5xx\",colour=\"green\",source=\"proxy\"}", 1.0,
                            "{code_class=\"4xx\",colour=\"none\",source=\"proxy\"}", 1.0));
            assertThat(counted(metrics, "turnout_proxy_errors_total"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "{colour=\"blue\",error=\"backend-closed\"}", 1.0,
                            "{colour=\"blue\",error=\"client-left\"}", 1.0,
                            "{colour=\"green\",error=\"no-backend\"}", 1.0,
                            "{colour=\"none\",error=\"bad-request\"}", 1.0));
            String backend = "backend=\"" + blue.address() + "\",";
            assertThat(counted(metrics, "turnout_backend_requests_total"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "{" + backend + "code_class=\"2xx\",colour=\"blue\"}", 4.0,
                            "{" + backend + "code_class=\"4xx\",colour=\"blue\"}", 2.0,
                            "{" + backend + "code_class=\"5xx\",colour=\"blue\"}", 1.0));
            assertThat(counted(metrics, "turnout_request_duration_seconds_count"))
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("{colour=\"blue\"}", 9.0, "{colour=\"green\"}", 1.0, "{colour=\"none\"}", 1.0));
            assertThat(metrics.value("turnout_request_duration_seconds_bucket{colour=\"blue\",le=\"+Inf\"}"))
                    .isEqualTo(9);
            assertThat(counted(metrics, "turnout_requests_in_flight")).isEmpty();
            assertThat(counted(metrics, "turnout_backend_in_flight")).isEmpty();
            assertThat(counted(metrics, "turnout_retries_total")).isEmpty();
        }
    }

    @Test
    void whatNoBackendTookCountsForTheColourThatItWasRoutedTo() throws IOException {
        Path log = folder.resolve("access.log");
        try (RecordingBackend blue = RecordingBackend.start(MetricsIT::answer);
                RunningProxy proxy = proxy().blue(blue)
                        .set("workers", 1)
                        .set("timeouts.shutdown", "1ms")
                        .set("backend-limits.in-flight", 1)
                        .set("backend-limits.pending", 1)
                        .set("backend-limits.pending-timeout", "1m")
                        .set("access-log.enabled", "on")
                        .set("access-log.file", log.toString())
                        .start();
                RawClient served = proxy.client();
                RawClient waits = proxy.client();
                RawClient client = proxy.client()) {
            served.send(served.request("GET", "/never") + "\r\n");
            proxy.awaitBlueInFlight(1);
            waits.send(waits.request("GET", "/waits") + "\r\n");
            Await.until("it waits", () -> proxy.metrics().value("turnout_requests_pending{colour=\"blue\"}") == 1);
            assertThat(client.get("/full").field("X-Turnout-Error")).isEqualTo("backends-full");
            // It waited for blue, and is answered before any colour is chosen.
            proxy.order("/admin/maintenance", "{\"enabled\":true}");
            assertThat(waits.readFinal("GET").field("X-Turnout-Error")).isEqualTo("maintenance");
            proxy.order("/admin/maintenance", "{\"enabled\":false}");
            proxy.order("/admin/pools/blue/drain", "{\"force\":true}");
            assertThat(client.get("/drained").field("X-Turnout-Error")).isEqualTo("pool-drained");

            Scrape metrics = proxy.metrics();
            assertThat(counted(metrics, "turnout_proxy_errors_total"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "{colour=\"blue\",error=\"backends-full\"}", 1.0,
                            "{colour=\"none\",error=\"maintenance\"}", 1.0,
                            "{colour=\"blue\",error=\"pool-drained\"}", 1.0));
            assertThat(counted(metrics, "turnout_requests_total"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "{code_class=\"5xx\",colour=\"blue\",source=\"proxy\"}", 2.0,
                            "{code_class=\"5xx\",colour=\"none\",source=\"proxy\"}", 1.0));
            assertThat(counted(metrics, "turnout_backend_requests_total")).isEmpty();
            Await.until("the log has them", () -> lines(log).size() == 3);
            assertThat(lines(log).get(0)).contains("\"/full\"", "\"colour\":\"blue\"", "\"backend\":null");
            assertThat(lines(log).get(1)).contains("\"/waits\"", "\"colour\":null", "\"backend\":null");
            assertThat(lines(log).get(2)).contains("\"/drained\"", "\"colour\":\"blue\"", "\"backend\":null");
        }
    }

    /** The other colour was asked in vain: it is as if that had not been. */
    @Test
    void requestStaysWithItsColourWhenTheOtherOneCannotHelp() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(MetricsIT::answer);
                RunningProxy proxy = proxy().blue(blue)
                        .green()
                        .set("asset-fallback", List.of("/missing"))
                        .start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/missing").status()).isEqualTo(404);

            assertThat(counted(proxy.metrics(), "turnout_requests_total"))
                    .containsExactlyEntriesOf(Map.of("{code_class=\"4xx\",colour=\"blue\",source=\"backend\"}", 1.0));
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each is there with its type and labels, and none that is not. */
    @Test
    void handbookNamesEveryMetric() throws IOException {
        Map<String, String> told = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "metrics.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                told.put(row.group(1), row.group(2) + " " + row.group(3).replaceAll("[`,]", ""));
            }
        }
        try (RecordingBackend blue = RecordingBackend.start(MetricsIT::answer);
                RunningProxy proxy = proxy().blue(blue)
                        .set("access-log.enabled", "on")
                        .set("access-log.file", folder.resolve("access.log").toString())
                        .start()) {
            String text = proxy.get("/metrics").body();
            Map<String, String> types = new TreeMap<>();
            for (String line : text.lines().toList()) {
                Matcher type = TYPE.matcher(line);
                if (type.matches()) {
                    types.put(type.group(1), type.group(2));
                }
            }
            Map<String, String> found = new TreeMap<>();
            types.forEach((name, type) -> found.put(name, type + " " + labels(name, type, text)));

            assertThat(sorted(found)).isEqualTo(sorted(told)).hasSizeGreaterThan(30);
        }
    }

    /** Names of labels of the first series of a family, but for that of buckets. */
    private static String labels(String family, String type, String text) {
        String series = type.equals("histogram") ? family + "_count" : family;
        return text.lines()
                .filter(line -> line.startsWith(series + "{") || line.startsWith(series + " "))
                .findFirst()
                .map(line -> LABEL.matcher(line)
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.joining(" ")))
                .orElse("no series");
    }

    /** The order of labels says nothing. */
    private static Map<String, List<String>> sorted(Map<String, String> families) {
        Map<String, List<String>> sorted = new TreeMap<>();
        families.forEach((name, words) ->
                sorted.put(name, Stream.of(words.strip().split(" +")).sorted().toList()));
        return sorted;
    }

    private static Answer answer(RecordedRequest request) {
        return switch (request.target()) {
            case "/missing" -> Answer.of(404, "");
            case "/broken" -> Answer.of(500, "");
            case "/hang-up" -> Answer.close();
            case "/never" -> Answer.never();
            default -> Answer.ok("ok");
        };
    }

    private static void leave(RunningProxy proxy) throws IOException {
        RawClient client = proxy.client();
        client.send(client.request("GET", "/never") + "\r\n");
        Await.until("it is in flight", () -> proxy.metrics().value("turnout_requests_in_flight{colour=\"blue\"}") == 1);
        client.reset();
        Await.until("it is gone", () -> proxy.metrics().value("turnout_requests_in_flight{colour=\"blue\"}") == 0);
    }

    @Test
    void secondAttemptIsOneRequestAndOneRetry() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(Behaviour.closeReused(Answer.ok("ok"), false));
                RunningProxy proxy = proxy().blue(blue).set("workers", 1).start();
                RawClient client = proxy.client()) {
            client.get("/");
            // May find the kept connection closed, or be closed by the backend as it arrives: a retry in any case.
            client.get("/");

            Scrape metrics = proxy.metrics();
            assertThat(counted(metrics, "turnout_retries_total"))
                    .containsExactlyEntriesOf(Map.of("{colour=\"blue\",reason=\"backend-closed\"}", 1.0));
            assertThat(counted(metrics, "turnout_proxy_errors_total")).isEmpty();
            assertThat(metrics.value("turnout_requests_total{code_class=\"2xx\",colour=\"blue\",source=\"backend\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void routingIsShown() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(MetricsIT::answer);
                RecordingBackend green = RecordingBackend.start(MetricsIT::answer);
                RunningProxy proxy = proxy().blue(blue).green(green).start();
                RawClient client = proxy.client()) {
            client.send(client.request("GET", "/never") + "\r\n");
            Await.until(
                    "it is in flight",
                    () -> proxy.status().at("/pools/blue/inFlight").asInt() == 1);

            proxy.switchTo(Colour.GREEN);

            Scrape metrics = proxy.metrics();
            assertThat(metrics.value("turnout_active{colour=\"blue\"}")).isZero();
            assertThat(metrics.value("turnout_active{colour=\"green\"}")).isEqualTo(1);
            assertThat(metrics.value("turnout_draining{colour=\"blue\"}")).isEqualTo(1);
            assertThat(metrics.value("turnout_draining{colour=\"green\"}")).isZero();
            assertThat(metrics.value("turnout_revision")).isEqualTo(2);
            assertThat(metrics.value("turnout_requests_in_flight{colour=\"blue\"}"))
                    .isEqualTo(1);
            assertThat(metrics.value("turnout_connections{side=\"client\"}")).isEqualTo(1);
            assertThat(metrics.value("turnout_connections{side=\"backend\"}")).isEqualTo(1);
            assertThat(metrics.value("turnout_canary_weight")).isZero();
            proxy.post("/admin/rollback", "");
            assertThat(counted(proxy.metrics(), "turnout_switches_total"))
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("{kind=\"switch\",to=\"green\"}", 1.0, "{kind=\"rollback\",to=\"blue\"}", 1.0));
            client.reset();
        }
    }

    @Test
    void namesAreThoseOfTheContractAndNothingAClientSendsBecomesALabel() throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(MetricsIT::answer);
                RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {
            Set<String> before = ours(proxy.metrics());

            client.get("/\"evil\"?x=y", "X-Turnout-Colour: red", "X-Request-Id: series");
            client.get("/missing");
            client.send("BREW /pot HTTP/1.1\r\nHost: evil\r\n\r\n");
            client.read();

            Scrape metrics = proxy.metrics();
            assertThat(ours(metrics)).isEqualTo(before);
            Set<String> names = before.stream().map(MetricsIT::name).collect(Collectors.toSet());
            assertThat(names).isEqualTo(CONTRACT.keySet());
            for (String series : before) {
                assertThat(labels(series).keySet())
                        .as(series)
                        .containsExactlyInAnyOrderElementsOf(CONTRACT.get(name(series)));
                assertThat(labels(series).getOrDefault("colour", "blue")).isIn("blue", "green", "none");
                assertThat(labels(series).getOrDefault("backend", blue.address()))
                        .isEqualTo(blue.address());
            }
        }
    }

    private static Set<String> ours(Scrape metrics) {
        return metrics.series().keySet().stream()
                .filter(each -> each.startsWith("turnout_"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String name(String series) {
        return series.split("\\{", 2)[0];
    }

    private static Map<String, String> labels(String series) {
        return LABEL.matcher(series)
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
    }

    /** Labels and value of every series of one name that is not 0. */
    private static Map<String, Double> counted(Scrape metrics, String name) {
        return metrics.ofName(name).stream()
                .filter(series -> metrics.value(series) != 0)
                .collect(Collectors.toMap(series -> series.substring(name.length()), metrics::value));
    }
}
