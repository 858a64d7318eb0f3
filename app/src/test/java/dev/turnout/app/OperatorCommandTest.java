package dev.turnout.app;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorCommandTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final WireMockServer admin =
            new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));

    @BeforeEach
    void start() {
        admin.start();
    }

    @AfterEach
    void stop() {
        admin.stop();
    }

    @Test
    void statusIsReadableAtAGlance() {
        answer(200, """
                {"revision":42,"active":"green","previous":"blue","mode":"draining","pools":{
                 "blue":{"role":"idle","version":"1.4.2","healthy":2,"usable":1,"total":2,"inFlight":3,"drain":{"state":"draining"}},
                 "green":{"role":"active","version":"","healthy":1,"total":2,"inFlight":12,"drain":null}},
                 "store":{"file":"x","problem":null}}""");

        assertThat(turnout("status")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "green is active, revision 42, draining",
                        "  blue   idle    2/2 healthy  1/2 usable  3 in flight  version 1.4.2  draining",
                        "  green  active  1/2 healthy  12 in flight");
    }

    @Test
    void statusSaysWhyABackendIsDown() {
        answer(200, """
                {"revision":42,"active":"green","mode":"steady","pools":{"green":{"role":"active","healthy":1,"total":3,
                 "inFlight":0,"drain":null,"backends":[{"address":"a:1","up":true},
                 {"address":"b:1","up":false,"since":"2026-01-02T03:04:05Z","lastProbe":{"detail":"connection refused"}},
                 {"address":"c:1","up":false,"since":null,"lastProbe":null}]}}}""");

        assertThat(turnout("status")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsSequence(
                        "  green  active  1/3 healthy  0 in flight",
                        "           b:1 is down since 2026-01-02T03:04:05Z: connection refused",
                        "           c:1 is down: not probed yet");
    }

    /** All of a pool may be up and nobody served: whoever looks has to see why. */
    @Test
    void statusSaysWhyABackendThatIsUpDoesNotServe() {
        answer(200, """
                {"revision":42,"active":"green","mode":"steady","pools":{"green":{"role":"active","healthy":7,"usable":1,
                 "total":8,"inFlight":2,"pending":3,"panic":true,"source":"api","drain":null,"backends":[
                 {"address":"a:1","weight":1,"state":"serving","up":true,"ejected":null,"slowStartPercent":null,"listed":true},
                 {"address":"b:1","weight":1,"state":"serving","up":true,"listed":true,
                  "ejected":{"until":"2026-01-02T03:04:35Z","reason":"5 failures in a row"}},
                 {"address":"c:1","weight":1,"state":"drained","up":true,"inFlight":2,"ejected":null,"listed":true},
                 {"address":"d:1","weight":1,"state":"leaving","up":true,"inFlight":1,"ejected":null,"listed":true},
                 {"address":"e:1","weight":0,"state":"serving","up":true,"ejected":null,"listed":true},
                 {"address":"f:1","weight":1,"state":"serving","up":true,"ejected":null,"slowStartPercent":30,"listed":true},
                 {"address":"g:1","weight":1,"state":"serving","up":true,"ejected":null,"listed":false,"name":"app:80"},
                 {"address":"h:1","weight":0,"state":"serving","up":false,"since":null,"lastProbe":null,"listed":true}]},
                 "blue":{"role":"idle","healthy":1,"usable":1,"total":1,"inFlight":0,"pending":0,"keepsUsers":true}}}""");

        assertThat(turnout("status")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "green is active, revision 42, steady",
                        "  blue   idle    1/1 healthy  1/1 usable  0 in flight  keeps its users",
                        "  green  active  7/8 healthy  1/8 usable  2 in flight  3 waiting  panic: all are used"
                                + "  edited at run time",
                        "           b:1 is ejected until 2026-01-02T03:04:35Z: 5 failures in a row",
                        "           c:1 is drained by order, 2 in flight",
                        "           d:1 is leaving, 1 in flight",
                        "           e:1 has weight 0",
                        "           f:1 is in slow start, 30 % of its weight",
                        "           g:1 is not listed by app:80 any more",
                        "           h:1 is down: not probed yet; has weight 0");
    }

    @Test
    void statusSaysWhoStandsByForItsPriority() {
        String pool = """
                "healthy":5,"usable":2,"total":6,"inFlight":0,"drain":null,"backends":[
                 {"address":"a:1","weight":1,"state":"serving","up":true,"name":"_http._tcp.app","priority":10,"listed":true},
                 {"address":"b:1","weight":1,"state":"serving","up":true,"name":"_http._tcp.app","priority":20,"listed":true},
                 {"address":"c:1","weight":1,"state":"serving","up":false,"name":"other:80","priority":0,"listed":true,
                  "lastProbe":null},
                 {"address":"d:1","weight":1,"state":"serving","up":true,"name":"other:80","priority":5,"listed":true},
                 {"address":"e:1","weight":1,"state":"serving","up":true,"name":null,"priority":0,"listed":true},
                 {"address":"f:1","weight":0,"state":"serving","up":true,"name":"_http._tcp.app","priority":20,"listed":true}]""";
        answer(
                200,
                "{\"revision\":42,\"active\":\"green\",\"mode\":\"steady\",\"pools\":{\"green\":{\"role\":\"active\","
                        + pool + "},\"blue\":{\"role\":\"idle\",\"panic\":true," + pool + "}}}");

        assertThat(turnout("status")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "green is active, revision 42, steady",
                        "  blue   idle    5/6 healthy  2/6 usable  0 in flight  panic: all are used",
                        "           c:1 is down: not probed yet",
                        "           f:1 has weight 0",
                        "  green  active  5/6 healthy  2/6 usable  0 in flight",
                        "           b:1 stands by: priority 20 of _http._tcp.app",
                        "           c:1 is down: not probed yet",
                        "           f:1 has weight 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            STALE      | "blue" | it was 1, it is 2           | rollback: it was 1, it is 2
            IMPOSSIBLE | "blue" | blue has no backends        | rollback: impossible now: blue has no backends
            IMPOSSIBLE | null   | there was no switch yet     |
            READY      | "blue" | 1 of 1 backends are usable  |
            DONE       | null   | traffic went back           | rollback: traffic went back
            """)
    void statusSaysWhatIsInTheWayOfARollback(String state, String to, String why, String said) {
        answer(
                200,
                "{\"revision\":42,\"active\":\"green\",\"mode\":\"steady\",\"rollback\":{\"state\":\"" + state
                        + "\",\"to\":" + to + ",\"why\":\"" + why + "\"}}");

        assertThat(turnout("status")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.contains("rollback"))
                        .map(String::strip)
                        .toList())
                .isEqualTo(said == null ? List.of() : List.of(said));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            null                                                                         |
            {"file":"t.conf","lastReload":null,"needRestart":[]}                         |
            {"lastReload":{"result":"equal","problems":[]},"needRestart":[]}             |
            {"lastReload":{"result":"applied","problems":[]},"needRestart":["dns","limits"]} | config: takes a restart: dns, limits
            {"lastReload":{"at":"12:00","result":"refused","problems":["t.conf:2: a"]}}  | config: the reload at 12:00 was refused: t.conf:2: a
            {"lastReload":{"at":"12:00","result":"refused","problems":["a","b"]},"needRestart":["dns"]} | config: the reload at 12:00 was refused: a; and more, see the log/config: takes a restart: dns
            """)
    void statusSaysThatTheFileIsNotInForce(String config, String said) {
        answer(200, "{\"revision\":42,\"active\":\"green\",\"mode\":\"steady\",\"config\":" + config + "}");

        assertThat(turnout("status")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.contains("config"))
                        .map(String::strip)
                        .toList())
                .isEqualTo(said == null ? List.of() : List.of(said.split("/")));
    }

    @Test
    void jsonIsPrintedAsItCame() {
        answer(200, "{\"revision\":42}\n");

        assertThat(turnout("status", "--json")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("{\"revision\":42}" + System.lineSeparator());
    }

    @Test
    void switchSendsWhatWasAskedForAndNothingElse() {
        answer(200, "{\"changed\":true,\"from\":\"blue\",\"to\":\"green\",\"revision\":43,\"tookMs\":1.5}");

        assertThat(turnout("switch", "green", "--reason", "2.4.1", "--force")).isEqualTo(ExitCode.DONE);

        admin.verify(postRequestedFor(urlEqualTo("/admin/switch"))
                .withHeader("Content-Type", equalTo("application/json"))
                .withRequestBody(equalToJson("{\"to\":\"green\",\"reason\":\"2.4.1\",\"force\":true}")));
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("blue -> green, revision 43, took 1.5 ms");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "room":600  | false | blue -> green, revision 43, took 1.5 ms; 3 of 4 usable, 12 in flight, room for 600
            "room":null | false | blue -> green, revision 43, took 1.5 ms; 3 of 4 usable, 12 in flight
            "room":null | true  | would change blue -> green; 3 of 4 usable, 12 in flight (dry run, nothing was changed)
            """)
    void switchSaysWhatTheGateFound(String room, boolean dryRun, String said) {
        answer(
                200,
                "{\"changed\":true,\"dryRun\":" + dryRun
                        + ",\"from\":\"blue\",\"to\":\"green\",\"revision\":43,\"tookMs\":1.5,"
                        + "\"gate\":{\"usable\":3,\"total\":4,\"inFlight\":12," + room + "}}");

        assertThat(turnout("switch")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(said + System.lineSeparator());
    }

    /** The traffic had not moved yet: there is no arrow to draw, and the colour that is drained is not the one that has it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rollback     | blue  | "drained":true               | called off, all requests go to blue, revision 43, took 1.5 ms; green is drained
            rollback     | blue  | "drained":false,"inFlight":2 | called off, all requests go to blue, revision 43, took 1.5 ms; 2 still in flight on green
            rollback     | green | "drained":true               | green -> blue, revision 43, took 1.5 ms; green is drained
            rollback     | blue  | "dryRun":true                | would be: called off, all requests go to blue (dry run, nothing was changed)
            switch blue  | blue  | "inFlight":0                 | blue takes requests again, revision 43, took 1.5 ms
            """)
    void rollbackSaysWhatItEndedAndWhichColourIsDrained(String command, String from, String drained, String said) {
        answer(
                200,
                "{\"changed\":true,\"from\":\"" + from + "\",\"to\":\"blue\",\"revision\":43,\"tookMs\":1.5," + drained
                        + "}");

        assertThat(turnout(command.split(" "))).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(said + System.lineSeparator());
    }

    @Test
    void switchTellsOfItsWarmUpAndCanDoWithout() {
        answer(200, """
                {"changed":true,"from":"blue","to":"green","revision":43,"tookMs":1.5,"warmUp":{"backends":3,
                 "connections":12,"requests":60,"failed":1,"tookMs":9.5,"failures":["a:1 GET /x: status 503"]}}""");

        assertThat(turnout("switch", "--no-warm-up")).isEqualTo(ExitCode.DONE);

        admin.verify(postRequestedFor(urlEqualTo("/admin/switch")).withRequestBody(equalToJson("{\"warmUp\":false}")));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "blue -> green, revision 43, took 1.5 ms; warmed up before: 3 backends with 60 requests and"
                                + " 12 connections, 1 failed",
                        "  a:1 GET /x: status 503");
    }

    @Test
    void dryRunTellsOfTheWarmUpThatThereWouldBe() {
        answer(200, """
                {"changed":true,"dryRun":true,"from":"blue","to":"green","revision":43,"tookMs":1.5,
                 "warmUp":{"backends":3,"connections":12,"requests":60}}""");

        assertThat(turnout("switch", "--dry-run")).isEqualTo(ExitCode.DONE);

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "would change blue -> green (dry run, nothing was changed)",
                        "  would be warmed up before: 3 backends with 60 requests and 12 connections");
    }

    @Test
    void drainNamesThePoolInThePath() {
        answer(200, "{\"changed\":true,\"colour\":\"blue\",\"revision\":44,\"drained\":true}");

        assertThat(turnout("drain", "blue", "--deadline", "1m", "--wait", "drained", "--timeout", "2m"))
                .isEqualTo(ExitCode.DONE);

        admin.verify(postRequestedFor(urlEqualTo("/admin/pools/blue/drain"))
                .withRequestBody(equalToJson("{\"deadline\":\"1m\",\"wait\":true,\"timeout\":\"2m\"}")));
    }

    @Test
    void switchMayRampAndAskForMore() {
        answer(
                200,
                "{\"changed\":true,\"from\":\"blue\",\"to\":\"green\",\"revision\":43,\"tookMs\":1.5,\"canary\":{\"steps\":9}}");

        assertThat(turnout("switch", "--ramp", "60s", "--min-healthy", "100", "--min-capacity", "90"))
                .isEqualTo(ExitCode.DONE);

        admin.verify(postRequestedFor(urlEqualTo("/admin/switch"))
                .withRequestBody(equalToJson("{\"ramp\":\"60s\",\"gate\":{\"minHealthy\":100,\"minCapacity\":90}}")));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("blue -> green, ramping in 9 steps, revision 43, took 1.5 ms");
        assertThat(turnout("switch", "--min-healthy", "101")).isEqualTo(ExitCode.WRONG_USAGE);
    }

    @Test
    void oneBackendIsDrainedByItsAddress() {
        answer(
                200,
                "{\"changed\":true,\"colour\":\"blue\",\"address\":\"[::1]:80\",\"revision\":44,\"backend\":{\"inFlight\":2}}");

        assertThat(turnout("drain", "blue", "[::1]:80", "--reason", "new disk")).isEqualTo(ExitCode.DONE);
        assertThat(turnout("undrain", "blue", "[::1]:80")).isEqualTo(ExitCode.DONE);

        String path = "/admin/pools/blue/backends/%5B%3A%3A1%5D%3A80";
        admin.verify(postRequestedFor(urlEqualTo(path + "/drain"))
                .withRequestBody(equalToJson("{\"reason\":\"new disk\"}")));
        admin.verify(postRequestedFor(urlEqualTo(path + "/undrain")));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "[::1]:80 of blue takes no new requests, revision 44; 2 still in flight on [::1]:80 of blue",
                        "[::1]:80 of blue is no longer under an order to drain, revision 44");
        assertThat(turnout("drain", "blue", "a:1", "--deadline", "5m")).isEqualTo(ExitCode.WRONG_USAGE);
    }

    @ParameterizedTest
    @CsvSource({"200, 0, DONE", "202, 2, STILL_DRAINING"})
    void drainOfABackendThatWasWaitedForTellsTheScript(int status, int inFlight, ExitCode code) {
        answer(
                status,
                "{\"changed\":true,\"colour\":\"blue\",\"address\":\"a:1\",\"revision\":44,\"backend\":{\"inFlight\":"
                        + inFlight + "}}");

        assertThat(turnout("drain", "blue", "a:1", "--wait", "drained")).isEqualTo(code);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(inFlight == 0 ? "; a:1 of blue is drained" : "; 2 still in flight on a:1 of blue");
    }

    @Test
    void poolsAndBackendsAreTables() {
        answer(200, """
                {"revision":42,"pools":{
                 "blue":{"role":"active","version":"1.4.2","healthy":3,"usable":1,"total":3,"inFlight":12,"pending":4,
                  "source":"api","panic":true},
                 "green":{"role":"idle","version":"","healthy":0,"usable":0,"total":0,"inFlight":0,"pending":0,
                  "source":"file","drain":{"state":"drained"}}}}""");

        assertThat(turnout("pools")).isEqualTo(ExitCode.DONE);

        admin.verify(getRequestedFor(urlEqualTo("/admin/pools")));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "POOL   ROLE    VERSION  HEALTHY  USABLE  IN FLIGHT  WAITING  REMARKS",
                        "blue   active  1.4.2    3/3      1/3     12         4        panic: all are used, edited at run time",
                        "green  idle    -        0/0      0/0     0          0        drained");
    }

    @Test
    void backendsOfAPoolAreATable() {
        answer(200, """
                {"revision":42,"colour":"blue","backends":[
                 {"address":"10.0.0.1:80","weight":1,"state":"serving","up":true,"inFlight":12,"since":"2026-01-02T03:04:05Z",
                  "ejectionOverflows":9,"failures":{"connect":1,"broken":2,"timeout":3,"serverError":400}},
                 {"address":"10.0.0.12:80","weight":0,"state":"drained","up":true,"inFlight":1,"since":null,
                  "ejectionOverflows":1}]}""");

        assertThat(turnout("backends", "blue")).isEqualTo(ExitCode.DONE);

        admin.verify(getRequestedFor(urlEqualTo("/admin/pools/blue")));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "ADDRESS       WEIGHT  STATE    UP  IN FLIGHT  FAILED  5XX  SINCE                 WHY",
                        "10.0.0.1:80   1       serving  up  12         6       400  2026-01-02T03:04:05Z  would have been"
                                + " ejected 9 times since the start, but no more of its pool might be (most-ejected-percent)",
                        "10.0.0.12:80  0       drained  up  1          -       -    -                     is drained by"
                                + " order, 1 in flight; has weight 0; would have been ejected once since the start, but"
                                + " no more of its pool might be (most-ejected-percent)");
    }

    @Test
    void namesThatLeadNowhereAreInTheTableOfBackends() {
        answer(200, """
                {"revision":42,"colour":"blue","backends":[],"names":[
                 {"name":"app:80","weight":2,"found":0,"problem":"NXDOMAIN, it leads nowhere"},
                 {"name":"_http._tcp.app","weight":null,"found":0,"problem":null},
                 {"name":"good:80","weight":1,"found":3,"problem":"no answer, what it led to stays"}]}""");

        assertThat(turnout("backends", "blue")).isEqualTo(ExitCode.DONE);

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "ADDRESS         WEIGHT  STATE  UP  IN FLIGHT  FAILED  5XX  SINCE  WHY",
                        "app:80          2       -      -   -          -       -    -      NXDOMAIN, it leads nowhere",
                        "_http._tcp.app  -       -      -   -          -       -    -      leads nowhere so far");
    }

    @Test
    void poolWithoutBackendsAndNamesSaysSo() {
        answer(200, "{\"revision\":42,\"colour\":\"blue\",\"backends\":[],\"names\":[]}");

        assertThat(turnout("backends", "blue")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("blue has no backends" + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "changed":true                  | in force: balancer, pools.blue.backends, revision 43
            "changed":false                 | nothing to change, revision 43
            "changed":true,"dryRun":true    | would be put in force: balancer, pools.blue.backends (dry run, nothing was changed)
            """)
    void reloadSaysWhatIsInForceAndWhatIsNot(String changed, String said) {
        answer(
                200,
                "{" + changed
                        + ",\"revision\":43,\"applied\":[\"balancer\",\"pools.blue.backends\"],\"needRestart\":[\"dns\"],"
                        + "\"editedPools\":[\"green\"],\"warnings\":[\"x\"]}");

        assertThat(turnout("reload", "--discard-edits", "--dry-run")).isEqualTo(ExitCode.DONE);

        admin.verify(postRequestedFor(urlEqualTo("/admin/config/reload"))
                .withRequestBody(equalToJson("{\"discardEdits\":true,\"dryRun\":true}")));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(said, "  takes a restart: dns", "  stays as it was edited at run time: green", "  x");
    }

    @Test
    void reloadThatOnlyDropsAnEditNamesNoKey() {
        answer(
                200,
                "{\"changed\":true,\"revision\":43,\"applied\":[],\"droppedEdits\":[\"blue\"],\"warnings\":[\"blue: gone\"]}");

        assertThat(turnout("reload", "--discard-edits")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "in force: the file, which says no other than what was edited, revision 43", "  blue: gone");
    }

    @Test
    void drainThatWasWaitedForInVainHasAnExitCodeOfItsOwn() {
        answer(202, "{\"changed\":true,\"colour\":\"blue\",\"revision\":44,\"drained\":false,\"inFlight\":7}");

        assertThat(turnout("drain", "blue", "--wait", "drained")).isEqualTo(ExitCode.STILL_DRAINING);
        assertThat(ExitCode.STILL_DRAINING.number()).isEqualTo(4);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("7 still in flight on blue");
        assertThat(turnout("rollback", "--wait", "drained")).isEqualTo(ExitCode.STILL_DRAINING);
    }

    @Test
    void dryRunOfADrainWaitsForNothing() {
        answer(
                200,
                "{\"changed\":true,\"dryRun\":true,\"revision\":43,\"colour\":\"blue\",\"drained\":false,\"inFlight\":7}");

        assertThat(turnout("drain", "blue", "--dry-run", "--wait", "drained")).isEqualTo(ExitCode.DONE);
    }

    @Test
    void historyIsALineForEachChange() {
        answer(200, """
                [{"revision":5,"at":"2026-01-02T03:04:15Z","actor":{"name":"ann"},"action":"freeze","from":"blue","to":"green",
                  "reason":"holidays"},
                 {"revision":4,"at":"2026-01-02T03:04:10Z","actor":{"name":"ann"},"action":"backend-add","from":"blue",
                  "to":"green","reason":"more","about":"10.0.0.1:80"},
                 {"revision":3,"at":"2026-01-02T03:04:05Z","actor":{"name":"ci"},"action":"drain","from":"blue","to":"green",
                  "reason":""},
                 {"revision":2,"at":"2026-01-02T03:04:00Z","actor":{"name":"ann"},"action":"switch","from":"blue","to":"green",
                  "reason":"2.4.1"}]""");

        assertThat(turnout("history")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "r5     2026-01-02T03:04:15Z  freeze                   by ann  holidays",
                        "r4     2026-01-02T03:04:10Z  backend-add 10.0.0.1:80 of green        by ann  more",
                        "r3     2026-01-02T03:04:05Z  drain    of green        by ci",
                        "r2     2026-01-02T03:04:00Z  switch   blue -> green   by ann  2.4.1");
    }

    @Test
    void refusalIsToldByTitleAndDetail() {
        answer(
                409,
                "{\"type\":\"https://turnout.dev/problems/x\",\"title\":\"No usable backend\",\"status\":409,\"detail\":\"green has none up\"}");

        assertThat(turnout("switch")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("turnout: No usable backend: green has none up");
    }

    @Test
    void everyFaultOfARequestIsTold() {
        answer(400, """
                {"type":"https://turnout.dev/problems/validation","title":"The request is not valid","status":400,
                 "detail":"2 faults, see errors","errors":[{"pointer":"/reason","message":"expected: at most 500 characters"},
                 {"pointer":"/timeout","message":"expected: at most 1h"}]}""");

        assertThat(turnout("switch", "--wait", "drained", "--timeout", "9h")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "turnout: The request is not valid: 2 faults, see errors",
                        "  /reason expected: at most 500 characters",
                        "  /timeout expected: at most 1h");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200 | {"colour":"blue"}
            200 | <html>
            404 | not here
            401 | {"type":"x"}
            """)
    void answerOfSomeOtherServerIsNotTakenForOurs(int status, String body) {
        answer(status, body);

        assertThat(turnout("status")).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("turnout: what answers at " + admin.baseUrl() + " (with status " + status
                        + ") is no admin API of Turnout; is the port right?");
        assertThat(out.size()).isZero();
    }

    @Test
    void hostThatNobodyKnowsIsSaidInWords() {
        assertThat(Main.run(console(), "status", "--admin", "http://nohost.invalid:1"))
                .isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("no answer from the admin API at http://nohost.invalid:1: unknown host");
    }

    @Test
    void timeoutWithoutAWaitIsWrongUsage() {
        assertThat(turnout("switch", "green", "--timeout", "5s")).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("there is no --wait drained");
        admin.verify(0, anyRequestedFor(anyUrl()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            drain   | true  | blue takes no new requests, revision 44; blue is drained
            drain   | false | blue takes no new requests already, revision 44; blue is drained
            undrain | true  | blue is no longer under an order to drain, revision 44
            undrain | false | blue was not under an order to drain, revision 44
            """)
    void commandThatChangedNothingSaysSo(String command, boolean changed, String said) {
        answer(200, "{\"changed\":" + changed + ",\"colour\":\"blue\",\"revision\":44,\"drained\":true}");

        assertThat(turnout(command, "blue")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(said + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            maintenance       | {"enabled":true}  | maintenance is on, revision 44
            maintenance --off | {"enabled":false} | maintenance is off, revision 44
            """)
    void maintenanceBeginsAndEndsByCommand(String command, String sent, String said) {
        answer(200, "{\"changed\":true,\"revision\":44," + sent.substring(1));

        assertThat(turnout(command.split(" "))).isEqualTo(ExitCode.DONE);

        admin.verify(postRequestedFor(urlEqualTo("/admin/maintenance")).withRequestBody(equalToJson(sent)));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(said + System.lineSeparator());
    }

    @Test
    void tokenIsSentWithoutTheLineEnd(@TempDir Path folder) throws IOException {
        answer(200, "[]");
        Path file = Files.writeString(folder.resolve("token"), "s3cret\n");

        assertThat(turnout("history", "--token-file", file.toString())).isEqualTo(ExitCode.DONE);

        admin.verify(getRequestedFor(urlEqualTo("/admin/history?limit=20"))
                .withHeader("Authorization", equalTo("Bearer s3cret")));
    }

    @Test
    void tokenThatCannotBeReadIsNotTakenForAnAbsentServer(@TempDir Path folder) {
        String missing = folder.resolve("nowhere").toString();

        assertThat(turnout("status", "--token-file", missing)).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot read the token from " + missing);
    }

    @Test
    void serverThatIsNotThereHasAnExitCodeOfItsOwn() throws IOException {
        String nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = "http://127.0.0.1:" + socket.getLocalPort();
        }

        assertThat(Main.run(console(), "status", "--admin", nobody)).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("no answer from the admin API at " + nobody);
    }

    @Test
    void addressThatIsNoHttpAddressIsWrongUsage() {
        assertThat(Main.run(console(), "status", "--admin", "localhost:8081")).isEqualTo(ExitCode.WRONG_USAGE);
    }

    private void answer(int status, String body) {
        admin.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withBody(body)));
    }

    private ExitCode turnout(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", admin.baseUrl()));
        return Main.run(console(), all.toArray(String[]::new));
    }

    private Console console() {
        return new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
