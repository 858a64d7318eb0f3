package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.LogLines;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The backends of a pool at run time, by the API and by the file, with the real Application. */
final class PoolEditIT {

    private static final String BLUE = "/admin/pools/blue";

    private static final String LATE = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate";

    private final RecordingBackend first = RecordingBackend.start(request -> Answer.ok("first"));
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));
    private final RecordingBackend third = RecordingBackend.start(request -> Answer.ok("third"));

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        first.close();
        second.close();
        third.close();
    }

    @Test
    void editsUnderLoadLoseNoRequest() throws Exception {
        // The clients know no end of a connection, which comes after so many requests.
        try (RunningProxy proxy = proxy().blue(first, second)
                .set("balancer", "round-robin")
                .set("limits.requests-per-connection", 0)
                .start()) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger asked = new AtomicInteger();
            List<String> wrong = new ArrayList<>();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread client = new Thread(() -> load(proxy, over, asked, wrong));
                client.start();
                clients.add(client);
            }
            for (int i = 0; i < 20; i++) {
                ok(proxy.post(BLUE + "/backends", "{\"address\":\"" + third.address() + "\",\"weight\":2}"));
                ok(proxy.command("PATCH", backend(first), "{\"weight\":" + (1 + i) + "}"));
                ok(proxy.post(backend(second) + "/drain", "{\"wait\":true,\"timeout\":\"20s\"}"));
                ok(proxy.post(backend(second) + "/undrain", "{}"));
                ok(proxy.command("DELETE", backend(third) + "?wait=20s", ""));
            }
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
            assertThat(wrong).isEmpty();
            assertThat(asked.get()).isPositive();
            assertThat(first.requestCount() + second.requestCount() + third.requestCount())
                    .isEqualTo(asked.get());
            assertThat(third.requestCount()).isPositive();
            assertThat(addresses(proxy)).containsExactly(first.address(), second.address());
        }
    }

    @Test
    void removalWaitsForWhatIsInFlightAndForceCutsIt() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (RunningProxy proxy = proxy().blue(first, second)
                        .set("balancer", "round-robin")
                        .set("retries.attempts", 1)
                        .start();
                RawClient held = proxy.client();
                RawClient other = proxy.client()) {
            sendToSecond(held, new Answer(List.of(new Answer.Hold(gate))).thenSend(LATE));
            HttpResponse<String> reply = proxy.command("DELETE", backend(second) + "?wait=50ms", "");
            assertThat(reply.statusCode()).isEqualTo(202);
            assertThat(json(reply).at("/gone").asBoolean()).isFalse();
            assertThat(json(reply).at("/backend/state").asText()).isEqualTo("leaving");
            for (int i = 0; i < 5; i++) {
                assertThat(other.get("/").text()).isEqualTo("first");
            }
            gate.countDown();
            assertThat(held.readFinal("GET").text()).isEqualTo("late");
            Await.until("it is gone", () -> addresses(proxy).equals(List.of(first.address())));

            ok(proxy.post(BLUE + "/backends", "{\"address\":\"" + second.address() + "\"}"));
            sendToSecond(held, Answer.never());
            reply = proxy.command("DELETE", backend(second) + "?wait=10ms&force=true", "");
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(json(reply).at("/gone").asBoolean()).isTrue();
            assertThat(held.readFinal("GET").status()).isEqualTo(503);
        }
    }

    @Test
    void lastBackendIsTakenByForceAndTheLogSaysWhatThatMeans() throws Exception {
        try (RunningProxy proxy = proxy().blue(first).start();
                LogLines log = LogLines.of("dev.turnout.proxy.control.TableWriter")) {
            HttpResponse<String> refused = proxy.command("DELETE", backend(first) + "?cut=true", "");
            assertThat(refused.body()).contains("no-usable-backend", first.address() + " weight 1, would leave, up");
            assertThat(proxy.post(backend(first) + "/drain", "{}").body()).contains(", would be drained, up");
            assertThat(log.all()).isEmpty();

            assertThat(proxy.command("DELETE", backend(first) + "?force=true", "")
                            .statusCode())
                    .isBetween(200, 202);
            assertThat(log.all())
                    .contains("ERROR blue is active and has no usable backend left: requests are answered with 503")
                    .anyMatch(line -> line.startsWith(
                            "INFO change: backend-remove \"" + first.address() + "\" of blue, revision "));
        }
    }

    @Test
    void wholePoolIsSetAndOutlivesTheProcess() throws Exception {
        Path state = folder.resolve("state.json");
        String etag;
        try (RunningProxy proxy = proxy().blue(first).green().stateIn(state).start()) {
            HttpResponse<String> reply = proxy.command(
                    "PUT",
                    "/admin/pools/green",
                    "{\"version\":\"2.0\",\"backends\":[\"" + second.address() + "\",{\"address\":\"" + third.address()
                            + "\",\"weight\":5}]}");
            ok(reply);
            assertThat(json(reply).at("/pool/version").asText()).isEqualTo("2.0");
            assertThat(json(reply).at("/pool/source").asText()).isEqualTo("api");
            etag = reply.headers().firstValue("ETag").orElseThrow();
            Await.until(
                    "its backends are up",
                    () -> proxy.status().at("/pools/green/usable").asInt() == 2);
            assertThat(proxy.post(
                                    "/admin/pools/green/backends",
                                    "{\"address\":\"" + first.address() + "\"}",
                                    "If-Match",
                                    "\"r1\"")
                            .statusCode())
                    .isEqualTo(412);
            ok(proxy.post("/admin/switch", "{\"to\":\"green\"}", "If-Match", etag));
            assertThat(served(proxy, 40)).containsExactlyInAnyOrder("second", "third");
        }
        try (RunningProxy proxy = proxy().blue(first).green().stateIn(state).start()) {
            assertThat(proxy.status().at("/pools/green/version").asText()).isEqualTo("2.0");
            assertThat(proxy.status().at("/pools/blue/source").asText()).isEqualTo("file");
            assertThat(served(proxy, 40)).containsExactlyInAnyOrder("second", "third");
        }
        // The file says something else of green now: it is the newer of the two.
        try (RunningProxy proxy =
                proxy().blue(first).green(third).stateIn(state).start()) {
            assertThat(served(proxy, 10)).containsExactly("third");
            assertThat(proxy.status().at("/pools/green/source").asText()).isEqualTo("file");
        }
    }

    @Test
    void whatIsWrongIsToldAndChangesNothing() throws Exception {
        try (RunningProxy proxy = proxy().blue(first).start()) {
            long revision = proxy.status().at("/revision").asLong();
            HttpResponse<String> reply = proxy.command(
                    "PUT",
                    BLUE,
                    "{\"backends\":[\"nonsense\",\"a:1\",\"a:1\",{\"address\":\"b:1\",\"weight\":101,\"x\":1}]}");
            assertThat(reply.statusCode()).isEqualTo(400);
            assertThat(reply.body())
                    .contains("/backends/0", "/backends/2", "each address once", "/backends/3/weight", "/backends/3/x");
            assertThat(proxy.command("PUT", BLUE, "{}").statusCode()).isEqualTo(400);
            assertThat(proxy.command("PATCH", BLUE + "/backends/unknown:1", "{\"weight\":1}")
                            .body())
                    .contains("no-such-backend");
            assertThat(proxy.command("DELETE", BLUE + "/backends/nonsense", "").statusCode())
                    .isEqualTo(404);
            assertThat(proxy.command("DELETE", backend(first), "").body()).contains("no-usable-backend");
            assertThat(proxy.command("DELETE", backend(first) + "?wait=soon", "")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(proxy.status().at("/revision").asLong()).isEqualTo(revision);
        }
    }

    @Test
    void fileIsReadAgain() throws Exception {
        RunningProxy.Plan plan = proxy().blue(first, second).green(third);
        try (RunningProxy proxy = plan.start();
                LogLines log = LogLines.of("dev.turnout.proxy.control.ConfigReload");
                RawClient client = proxy.client()) {
            assertThat(client.get("/").status()).isEqualTo(200);
            assertThat(reload(proxy, "{}").at("/changed").asBoolean()).isFalse();

            plan.blue(second, third).set("balancer", "round-robin").set("timeouts.idle", "7s");
            JsonNode dry = reload(proxy, "{\"dryRun\":true}");
            assertThat(dry.at("/applied").toString()).isEqualTo("[\"balancer\",\"pools.blue.backends\"]");
            assertThat(dry.at("/needRestart").toString()).isEqualTo("[\"timeouts\"]");
            assertThat(addresses(proxy)).containsExactly(first.address(), second.address());

            assertThat(reload(proxy, "{}").at("/changed").asBoolean()).isTrue();
            Await.until(
                    "the first is gone and the third is up",
                    () -> addresses(proxy).equals(List.of(second.address(), third.address()))
                            && proxy.status().at("/pools/blue/usable").asInt() == 2);
            assertThat(served(proxy, 20)).containsExactlyInAnyOrder("second", "third");
            // The same connection goes on.
            assertThat(client.get("/").status()).isEqualTo(200);

            ok(proxy.command("PATCH", backend(third), "{\"weight\":9}"));
            assertThat(reload(proxy, "{}").at("/editedPools").toString()).isEqualTo("[\"blue\"]");
            assertThat(proxy.status().at("/pools/blue/backends/1/weight").asInt())
                    .isEqualTo(9);
            assertThat(json(proxy.get("/admin/history")))
                    .filteredOn(entry -> entry.at("/action").asText().equals("config-reload"))
                    .singleElement()
                    .satisfies(entry ->
                            assertThat(entry.at("/about").asText()).isEqualTo("balancer, pools.blue.backends"));

            JsonNode back = reload(proxy, "{\"discardEdits\":true}");
            assertThat(back.at("/applied").toString()).isEqualTo("[\"pools.blue.backends\"]");
            assertThat(back.at("/editedPools")).isEmpty();
            assertThat(back.at("/droppedEdits").toString()).isEqualTo("[\"blue\"]");
            assertThat(back.at("/warnings/0").asText()).startsWith("what was edited of blue at run time is gone");
            assertThat(proxy.status().at("/pools/blue/backends/1/weight").asInt())
                    .isEqualTo(1);
            assertThat(proxy.status().at("/pools/blue/source").asText()).isEqualTo("file");
            ok(proxy.command(
                    "PUT",
                    "/admin/pools/blue",
                    "{\"version\":\"2\",\"backends\":[\"" + third.address() + "\",\"" + second.address() + "\"]}"));
            back = reload(proxy, "{\"discardEdits\":true}");
            assertThat(back.at("/applied").toString()).isEqualTo("[\"pools.blue.version\"]");
            assertThat(back.at("/droppedEdits").toString()).isEqualTo("[\"blue\"]");

            ok(proxy.command("PATCH", backend(third), "{\"weight\":9}"));
            plan.set("pools.blue.version", "3");
            assertThat(reload(proxy, "{}").at("/applied").toString())
                    .isEqualTo("[\"pools.blue.version\",\"pools.blue.backends\"]");
            assertThat(proxy.metrics().value("turnout_config_last_reload_successful"))
                    .isEqualTo(1);
            double before = proxy.metrics().value("turnout_config_last_reload_timestamp_seconds");
            assertThat(before).isGreaterThan(1e9);

            plan.set("pools.blue.backends", List.of("nonsense"));
            HttpResponse<String> bad = proxy.post("/admin/config/reload", "{}");
            assertThat(bad.statusCode()).isEqualTo(422);
            assertThat(bad.body()).contains("config-not-valid", "nonsense", "host:port");
            assertThat(proxy.metrics().value("turnout_config_last_reload_successful"))
                    .isZero();
            assertThat(proxy.metrics().value("turnout_config_last_reload_timestamp_seconds"))
                    .isEqualTo(before);
            assertThat(addresses(proxy)).containsExactly(second.address(), third.address());
            // Whoever asked: what came of it is in the log.
            assertThat(log.all())
                    .contains(
                            "INFO configuration file read again: in force are [balancer, pools.blue.backends]",
                            "WARN blue stays as it was edited at run time",
                            "WARN what was edited of blue at run time is gone: it is as the file says",
                            "ERROR the configuration file has errors, nothing was changed")
                    .anyMatch(line -> line.startsWith("ERROR ") && line.contains("nonsense"));
        }
    }

    @Test
    void hangUpPutsTheFileInForce() throws Exception {
        RunningProxy.Plan plan = proxy().blue(first).green(third).set("pools.blue.version", "1.0");
        try (RunningProxy proxy = plan.start()) {
            assertThat(served(proxy, 2)).containsExactly("first");
            long revision = proxy.status().at("/revision").asLong();
            // Files are read one after the other: each hang-up is over when what was asked behind it is answered.
            proxy.hangUp();
            assertThat(reload(proxy, "{\"dryRun\":true}").at("/changed").asBoolean())
                    .isFalse();
            plan.set("pools.blue.backends", List.of("nonsense"));
            proxy.hangUp();
            assertThat(proxy.post("/admin/config/reload", "{}").statusCode()).isEqualTo(422);

            plan.blue(second).set("pools.blue.version", "1.1");
            proxy.hangUp();

            Await.until("the pool is that of the file", () -> addresses(proxy).equals(List.of(second.address())));
            assertThat(served(proxy, 2)).containsExactly("second");
            assertThat(proxy.status().at("/pools/blue/version").asText()).isEqualTo("1.1");
            // An equal file and a broken one changed nothing; behind it comes that the first one is gone.
            JsonNode history = json(proxy.get("/admin/history?before=" + (revision + 2)));
            assertThat(history.at("/0/actor/name").asText()).isEqualTo("SIGHUP");
            assertThat(history.at("/0/revision").asLong()).isEqualTo(revision + 1);
        }
    }

    @Test
    void statusSaysWhatOfTheFileIsNotInForce() throws Exception {
        RunningProxy.Plan plan = proxy().blue(first).green(third);
        try (RunningProxy proxy = plan.start()) {
            assertThat(proxy.status().at("/config").toString())
                    .isEqualTo("{\"file\":\"turnout.conf\",\"lastReload\":null,\"needRestart\":[]}");
            plan.set("timeouts.idle", "7s");
            reload(proxy, "{\"dryRun\":true}");
            assertThat(proxy.status().at("/config/lastReload").isNull()).isTrue();
            assertThat(proxy.status().at("/config/needRestart")).isEmpty();

            reload(proxy, "{}");
            assertThat(proxy.status().at("/config/lastReload/result").asText()).isEqualTo("equal");
            assertThat(proxy.status().at("/config/needRestart").toString()).isEqualTo("[\"timeouts\"]");

            plan.set("balancer", "round-robin").set("timeouts.idle", "60s").set("limits.in-flight", 77);
            reload(proxy, "{}");
            assertThat(proxy.status().at("/config/lastReload/result").asText()).isEqualTo("applied");
            assertThat(proxy.status().at("/config/needRestart").toString()).isEqualTo("[\"limits\"]");

            plan.set("pools.blue.backends", List.of("nonsense"));
            proxy.hangUp();
            // Files are read one after the other: the hang-up is over when this one is read.
            reloadFails(proxy, 422);
            JsonNode refused = proxy.status().at("/config");
            assertThat(refused.at("/lastReload/result").asText()).isEqualTo("refused");
            assertThat(refused.at("/lastReload/at").asText()).isNotEmpty();
            assertThat(refused.at("/lastReload/problems")).hasSize(1);
            assertThat(refused.at("/lastReload/problems/0").asText())
                    .contains("pools.blue.backends[0] (expected: host:port")
                    .doesNotContain("nonsense");
            assertThat(refused.at("/needRestart").toString()).isEqualTo("[\"limits\"]");

            // Good as a file, and read, but the pool with the traffic would have nobody left.
            plan.blue();
            reloadFails(proxy, 409);
            assertThat(proxy.status().at("/config/lastReload/problems/0").asText())
                    .contains("blue");

            plan.blue(first).set("limits.in-flight", 20_000);
            reload(proxy, "{}");
            assertThat(proxy.status().at("/config/lastReload/result").asText()).isEqualTo("equal");
            assertThat(proxy.status().at("/config/lastReload/problems")).isEmpty();
            assertThat(proxy.status().at("/config/needRestart")).isEmpty();
        }
    }

    private static void reloadFails(RunningProxy proxy, int status) {
        assertThat(proxy.post("/admin/config/reload", "{}").statusCode()).isEqualTo(status);
    }

    private static JsonNode reload(RunningProxy proxy, String body) {
        HttpResponse<String> reply = proxy.post("/admin/config/reload", body);
        ok(reply);
        return json(reply);
    }

    private static void load(RunningProxy proxy, AtomicBoolean over, AtomicInteger asked, List<String> wrong) {
        try (RawClient client = proxy.client()) {
            while (!over.get()) {
                asked.incrementAndGet();
                int status = client.get("/").status();
                if (status != 200) {
                    synchronized (wrong) {
                        wrong.add("status " + status);
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            synchronized (wrong) {
                wrong.add(e.toString());
            }
        }
    }

    /** Round robin: behind one to the first comes one to the second. */
    private void sendToSecond(RawClient client, Answer answer) throws Exception {
        second.behave(request -> Answer.ok("second"));
        Await.until("both take requests", () -> text(client).equals("second"));
        while (!text(client).equals("first")) {
            assertThat(first.requestCount()).isPositive();
        }
        long before = second.requestCount();
        second.behave(request -> answer);
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Await.until("the second has it", () -> second.requestCount() > before);
    }

    private static String text(RawClient client) {
        try {
            return client.get("/").text();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> served(RunningProxy proxy, int requests) throws Exception {
        Set<String> served = new HashSet<>();
        try (RawClient client = proxy.client()) {
            for (int i = 0; i < requests; i++) {
                served.add(client.get("/").text());
            }
        }
        return served;
    }

    private static String backend(RecordingBackend backend) {
        return BLUE + "/backends/" + backend.address();
    }

    private static List<String> addresses(RunningProxy proxy) {
        List<String> addresses = new ArrayList<>();
        proxy.status()
                .at("/pools/blue/backends")
                .forEach(each -> addresses.add(each.at("/address").asText()));
        return addresses;
    }

    private static void ok(HttpResponse<String> reply) {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    }
}
