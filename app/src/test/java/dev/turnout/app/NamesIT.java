package dev.turnout.app;

import static dev.turnout.app.fixture.NameServer.address;
import static dev.turnout.app.fixture.NameServer.alias;
import static dev.turnout.app.fixture.NameServer.service;
import static dev.turnout.app.fixture.RunningProxy.json;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.NameServer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that are found by a name, with the real Application and a name server on a real socket. */
final class NamesIT {

    private static final String APP = "app.internal";
    private static final String SRV = "_http._tcp.app.internal";

    private final NameServer names = NameServer.start();
    private final List<RecordingBackend> backends = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        backends.forEach(RecordingBackend::close);
        names.close();
    }

    @Test
    void eachAddressIsABackendAndWhoIsGoneIsDrained() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        RecordingBackend two = backend("127.0.0.2", one.port());
        RecordingBackend three = backend("127.0.0.3", one.port());
        names.has(APP, address("127.0.0.1", 1), address("127.0.0.2", 1));
        try (RunningProxy proxy = found(named(APP + ":" + one.port()), 2)) {
            assertThat(served(proxy, 20)).containsOnly(one.address(), two.address());

            names.has(APP, address("127.0.0.2", 1), address("127.0.0.3", 1));
            Await.until("the new one is there", () -> addresses(proxy).equals(List.of(two.address(), three.address())));

            assertThat(served(proxy, 20)).containsOnly(two.address(), three.address());
            JsonNode backend = proxy.status().at("/pools/blue/backends/0");
            assertThat(backend.path("name").asText()).isEqualTo(APP + ":" + one.port());
            assertThat(backend.path("listed").asBoolean()).isTrue();
            JsonNode name = proxy.status().at("/pools/blue/names/0");
            assertThat(name.path("found").asInt()).isEqualTo(2);
            assertThat(name.path("problem").isNull()).isTrue();
            assertThat(name.path("resolvedAt").isTextual()).isTrue();
            assertThat(proxy.status().path("revision").asInt()).isEqualTo(1);
        }
    }

    @Test
    void hostOfTheHostsFileIsABackendThoughNoNameServerKnowsIt() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        try (RunningProxy proxy = found(named("localhost:" + one.port()), 1)) {
            assertThat(served(proxy, 3)).containsOnly(one.address());
        }
        assertThat(names.questions()).isZero();
    }

    @Test
    void srvRecordsTellPortsWeightsAndPriorities() throws Exception {
        RecordingBackend heavy = backend("127.0.0.1", 0);
        RecordingBackend light = backend("127.0.0.1", 0);
        RecordingBackend spare = backend("127.0.0.1", 0);
        names.has(
                SRV,
                service(10, 90, heavy.port(), "a." + APP, 1),
                service(10, 10, light.port(), "a." + APP, 1),
                service(20, 0, spare.port(), "b." + APP, 1));
        names.has("a." + APP, address("127.0.0.1", 1));
        names.has("b." + APP, address("127.0.0.1", 1));
        try (RunningProxy proxy = found(
                named(SRV)
                        .set("health.kind", "tcp")
                        .set("health.interval", "50ms")
                        .set("health.fast-interval", "20ms")
                        .set("balancer", "round-robin"),
                2)) {
            Await.until(
                    "all were probed",
                    () -> proxy.status().at("/pools/blue/healthy").asInt() == 3);
            assertThat(addresses(proxy))
                    .contains(heavy.address(), light.address())
                    .endsWith(spare.address());
            assertThat(weights(proxy)).containsExactlyInAnyOrder(100, 11, 1);
            assertThat(proxy.status().at("/pools/blue/backends/2/priority").asInt())
                    .isEqualTo(20);

            List<String> served = served(proxy, 100);
            // Turns begin anew with each table, and so may be off by a few.
            assertThat(Collections.frequency(served, heavy.address())).isBetween(85, 95);
            assertThat(Collections.frequency(served, light.address())).isBetween(5, 15);

            heavy.close();
            light.close();
            Await.until(
                    "the next priority serves",
                    () -> served(proxy, 1).contains(spare.address())
                            && proxy.status().at("/pools/blue/healthy").asInt() == 1);
            assertThat(served(proxy, 5)).containsOnly(spare.address());
        }
    }

    @Test
    void aliasesAndAnswersTooLongForUdpAreFollowed() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        RecordingBackend two = backend("127.0.0.2", one.port());
        names.has(APP, alias("real." + APP, 1));
        names.hasMuch("real." + APP, address("127.0.0.1", 1), address("127.0.0.2", 1));
        try (RunningProxy proxy = found(named(APP + ":" + one.port()), 2)) {
            assertThat(served(proxy, 10)).containsOnly(one.address(), two.address());
            assertThat(names.questionsOverTcp()).isPositive();
        }
    }

    @Test
    void addressesOfTheOtherFamilyAreUsedWhereThereAreNone() throws Exception {
        RecordingBackend six = backend("::1", 0);
        names.has(APP, address("::1", 1));
        try (RunningProxy proxy = found(named(APP + ":" + six.port()), 1)) {
            assertThat(addresses(proxy)).containsExactly("[::1]:" + six.port());
            assertThat(ask(proxy).text()).isNotEmpty();
        }
    }

    @Test
    void whatFailsChangesNothingAndIsTold() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        String name = APP + ":" + one.port();
        names.has(APP, address("127.0.0.1", 0));
        try (RunningProxy proxy = found(named(name).set("dns.timeout", "100ms"), 1)) {
            for (String fault : List.of("SERVFAIL", "no name server answered", "NXDOMAIN", "no such record")) {
                switch (fault) {
                    case "SERVFAIL" -> names.fails(APP);
                    case "NXDOMAIN" -> names.hasNo(APP);
                    case "no such record" -> names.has(APP, service(0, 0, 1, "x", 1));
                    default -> names.ignores(APP);
                }
                Await.value(fault, () -> problem(proxy), problem -> problem.contains(fault));

                assertThat(problem(proxy)).endsWith("what it led to stays");
                assertThat(served(proxy, 3)).containsOnly(one.address());
                assertThat(proxy.metrics().value("turnout_names_failing{colour=\"blue\"}"))
                        .isEqualTo(1);
                names.has(APP, address("127.0.0.1", 0));
                Await.until("well again", () -> problem(proxy).isEmpty());
            }
            assertThat(proxy.metrics().value("turnout_name_lookups_total{colour=\"blue\",result=\"failed\"}"))
                    .isGreaterThanOrEqualTo(2);
            assertThat(proxy.metrics().value("turnout_name_lookups_total{colour=\"blue\",result=\"absent\"}"))
                    .isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void startWithoutANameServerGoesOnWithTheLastAnswer() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        String name = APP + ":" + one.port();
        names.has(APP, address("127.0.0.1", 1));
        Path state = folder.resolve("state.json");
        found(named(name).stateIn(state), 1).close();

        names.ignores(APP);
        try (RunningProxy proxy =
                named(name).stateIn(state).set("dns.timeout", "100ms").start()) {
            assertThat(served(proxy, 3)).containsOnly(one.address());
            Await.until("it is told", () -> problem(proxy).contains("no name server answered"));
        }
    }

    @Test
    void nameThatIsGoneIsDrainedIfAskedForButNotTheLastOfAServingPool() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        RecordingBackend two = backend("127.0.0.2", one.port());
        names.has(APP, address("127.0.0.1", 0));
        names.has("old." + APP, address("127.0.0.2", 0));
        try (RunningProxy proxy = found(
                proxy().blueAt(APP + ":" + one.port())
                        .greenAt("old." + APP + ":" + one.port())
                        .set("dns.servers", List.of(names.address()))
                        .set("dns.min-ttl", "20ms")
                        .set("dns.absent", "drain")
                        .set("dns.hold", "100ms"),
                1)) {
            Await.until(
                    "green is found",
                    () -> proxy.status().at("/pools/green/total").asInt() == 1);
            assertThat(proxy.status().at("/pools/green/backends/0/address").asText())
                    .isEqualTo(two.address());

            names.hasNo(APP).hasNo("old." + APP);

            Await.until(
                    "green is empty",
                    () -> proxy.status().at("/pools/green/total").asInt() == 0);
            Await.until("blue is told", () -> problem(proxy).contains("is drained"));
            assertThat(proxy.status().at("/pools/blue/backends/0/listed").asBoolean())
                    .isFalse();
            assertThat(served(proxy, 3)).containsOnly(one.address());
        }
    }

    @Test
    void answersThatFlapLoseNoRequest() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        List<String> hosts = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4");
        for (String host : hosts.subList(1, 4)) {
            backend(host, one.port());
        }
        names.has(APP, address("127.0.0.1", 0));
        try (RunningProxy proxy =
                found(named(APP + ":" + one.port()).set("health.kind", "tcp").set("health.interval", "100ms"), 1)) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger asked = new AtomicInteger();
            List<String> wrong = Collections.synchronizedList(new ArrayList<>());
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread client = new Thread(() -> load(proxy, over, asked, wrong));
                client.start();
                clients.add(client);
            }
            for (int i = 1; i <= 100; i++) {
                String next = hosts.get(i % hosts.size());
                if (i % 10 == 0) {
                    names.hasNo(APP);
                    Await.until("NXDOMAIN", () -> !problem(proxy).isEmpty());
                }
                names.has(APP, address(next, 0));
                Await.until("flap " + i, () -> addresses(proxy).equals(List.of(next + ":" + one.port())));
            }
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
            assertThat(wrong).isEmpty();
            assertThat(asked.get()).isPositive();
            assertThat(backends.stream()
                            .mapToLong(RecordingBackend::requestCount)
                            .sum())
                    .isEqualTo(asked.get());
            assertThat(backends)
                    .allSatisfy(backend -> assertThat(backend.requestCount()).isPositive());
        }
    }

    @Test
    void namesAreEditedAtRunTime() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        RecordingBackend two = backend("127.0.0.2", one.port());
        names.has(APP, address("127.0.0.2", 1));
        String name = APP + ":" + one.port();
        try (RunningProxy proxy = named(one.address()).start()) {
            JsonNode added =
                    ok(proxy.post("/admin/pools/blue/backends", "{\"address\":\"" + name + "\",\"weight\":3}"));
            assertThat(added.at("/name/name").asText()).isEqualTo(name);
            Await.until("it is found", () -> addresses(proxy).contains(two.address()));
            assertThat(served(proxy, 20)).containsOnly(one.address(), two.address());

            String path = "/admin/pools/blue/backends/" + name;
            ok(proxy.command("PATCH", path, "{\"weight\":5}"));
            assertThat(proxy.status().at("/pools/blue/backends/1/weight").asInt())
                    .isEqualTo(5);
            HttpResponse<String> refused = proxy.command("DELETE", "/admin/pools/blue/backends/" + two.address(), "");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).path("type").asText()).endsWith("/backend-from-name");
            assertThat(proxy.post(path + "/drain", "").body())
                    .contains(name + " is a name, and leads to " + two.address());

            JsonNode gone = ok(proxy.command("DELETE", path + "?wait=20s", ""));
            assertThat(gone.path("gone").asBoolean()).isTrue();
            assertThat(addresses(proxy)).containsExactly(one.address());
            assertThat(proxy.command("DELETE", path, "").statusCode()).isEqualTo(404);

            ok(proxy.command(
                    "PUT", "/admin/pools/green", "{\"backends\":[\"" + name + "\",{\"address\":\"" + SRV + "\"}]}"));
            assertThat(proxy.status().at("/pools/green/names").size()).isEqualTo(2);
            assertThat(proxy.command(
                                    "PUT",
                                    "/admin/pools/green",
                                    "{\"backends\":[{\"address\":\"" + SRV + "\",\"weight\":2}]}")
                            .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void fileBringsNamesAndTakesThemAway() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        RecordingBackend two = backend("127.0.0.2", one.port());
        names.has(APP, address("127.0.0.2", 1));
        RunningProxy.Plan plan = named(one.address());
        try (RunningProxy proxy = plan.start()) {
            plan.blueAt(one.address(), APP + ":" + one.port());
            assertThat(proxy.order("/admin/config/reload", "{}").path("applied").toString())
                    .contains("pools.blue");
            Await.until("it is found", () -> addresses(proxy).contains(two.address()));

            plan.blueAt(one.address());
            proxy.order("/admin/config/reload", "{}");
            Await.until("it is gone", () -> addresses(proxy).equals(List.of(one.address())));
            int questions = names.questions();
            assertThat(served(proxy, 5)).containsOnly(one.address());
            assertThat(proxy.status().at("/pools/blue/names").size()).isZero();
            assertThat(names.questions()).isEqualTo(questions);
        }
    }

    @Test
    void nameThatLeadsNowhereIsMissedBySwitchesAndTold() throws Exception {
        RecordingBackend one = backend("127.0.0.1", 0);
        RecordingBackend two = backend("127.0.0.1", 0);
        names.hasNo(APP);
        try (RunningProxy proxy = named(one.address()).start()) {
            ok(proxy.command(
                    "PUT", "/admin/pools/green", "{\"backends\":[\"" + APP + ":80\",\"" + two.address() + "\"]}"));
            Await.until(
                    "it was looked up",
                    () -> proxy.status().at("/pools/green/names/0/problem").isTextual());
            assertThat(proxy.status().at("/pools/green/names/0/problem").asText())
                    .contains("NXDOMAIN")
                    .endsWith(", it leads nowhere");

            HttpResponse<String> refused =
                    proxy.post("/admin/switch", "{\"to\":\"green\",\"gate\":{\"minHealthy\":100}}");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).path("detail").asText())
                    .isEqualTo("1 of 2 backends of green are usable, which is 50 %, and at least 100 % are asked for; "
                            + APP + ":80 leads nowhere");

            HttpResponse<String> drained = proxy.post("/admin/pools/green/backends/" + APP + ":80/drain", "");
            assertThat(drained.statusCode()).isEqualTo(404);
            assertThat(json(drained).path("detail").asText()).endsWith(APP + ":80 is a name, and leads nowhere");

            ok(proxy.command("DELETE", "/admin/pools/green/backends/" + APP + ":80", ""));
            ok(proxy.post("/admin/switch", "{\"to\":\"green\",\"gate\":{\"minHealthy\":100}}"));
        }
    }

    // ----

    private RunningProxy.Plan named(String... places) {
        return proxy().blueAt(places)
                .set("dns.servers", List.of(names.address()))
                .set("dns.min-ttl", "20ms")
                .set("dns.max-ttl", "200ms");
    }

    private RecordingBackend backend(String host, int port) {
        RecordingBackend[] made = new RecordingBackend[1];
        made[0] = RecordingBackend.startAt(host, port, request -> Answer.ok(made[0].address()));
        backends.add(made[0]);
        return made[0];
    }

    /** Started, and found what there is: a start waits for that no longer than a second. */
    private static RunningProxy found(RunningProxy.Plan plan, int backends) {
        RunningProxy proxy = plan.start();
        Await.until(
                backends + " found",
                () -> proxy.status().at("/pools/blue/usable").asInt() == backends);
        return proxy;
    }

    private static List<String> addresses(RunningProxy proxy) {
        List<String> addresses = new ArrayList<>();
        proxy.status()
                .at("/pools/blue/backends")
                .forEach(each -> addresses.add(each.path("address").asText()));
        return addresses;
    }

    private static List<Integer> weights(RunningProxy proxy) {
        List<Integer> weights = new ArrayList<>();
        proxy.status()
                .at("/pools/blue/backends")
                .forEach(each -> weights.add(each.path("weight").asInt()));
        return weights;
    }

    private static String problem(RunningProxy proxy) {
        return proxy.status().at("/pools/blue/names/0/problem").asText("").replaceFirst("^null$", "");
    }

    private static JsonNode ok(HttpResponse<String> reply) {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return json(reply);
    }

    private static Response ask(RunningProxy proxy) throws IOException {
        try (RawClient client = proxy.client()) {
            return client.get("/");
        }
    }

    /** Who answered each of so many requests. */
    private static List<String> served(RunningProxy proxy, int requests) {
        List<String> served = new ArrayList<>();
        try (RawClient client = proxy.client()) {
            for (int i = 0; i < requests; i++) {
                served.add(client.get("/").text());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return served;
    }

    private static void load(RunningProxy proxy, AtomicBoolean over, AtomicInteger asked, List<String> wrong) {
        while (!over.get() && wrong.isEmpty()) {
            ask(proxy, over, asked, wrong);
        }
    }

    private static void ask(RunningProxy proxy, AtomicBoolean over, AtomicInteger asked, List<String> wrong) {
        try (RawClient client = proxy.client()) {
            // Fewer than close a connection by themselves.
            for (int i = 0; i < 5000 && !over.get(); i++) {
                Response response = client.get("/");
                asked.incrementAndGet();
                if (response.status() != 200) {
                    wrong.add(response.status() + " " + response.text());
                }
            }
        } catch (IOException | RuntimeException e) {
            wrong.add(e.toString());
        }
    }
}
