package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Actor;
import dev.turnout.proxy.control.ConfigStatus;
import dev.turnout.proxy.control.ConfigStatus.LastReload;
import dev.turnout.proxy.control.HistoryEntry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewsTest {

    private final AdminFixture admin = new AdminFixture();

    @Test
    void statusHasEveryFieldOfTheContract() throws Exception {
        admin.control.status = FakeControl.status(
                42,
                FakeControl.pool(Colour.BLUE, 2, 0, null),
                FakeControl.pool(Colour.GREEN, 2, 3, FakeControl.order(Colour.GREEN)));

        Reply reply = admin.get("/admin/status");

        assertThat(reply.headers()).containsEntry("ETag", "\"r42\"");
        JsonNode expected = Json.parse("""
                {"revision":42,"active":"blue","previous":null,"mode":"steady","maintenance":false,
                 "release":null,"hold":null,"mirror":null,"freeze":null,
                 "rollback":{"state":"IMPOSSIBLE","to":null,"why":"there was no switch yet"},
                 "activeSince":"2026-01-02T03:04:05.678Z","startedAt":"2026-01-02T03:04:05.678Z",
                 "pools":{
                  "blue":{"role":"active","version":"1.4.2","source":"file","healthy":1,"usable":2,"total":2,"panic":false,"keepsUsers":false,
                   "pending":4,"limits":{"connections":6,"inFlight":8,"pending":100,"pendingTimeoutMs":1000},
                   "inFlight":0,"exchanges":0,"tunnels":0,"draining":false,"drained":false,"drain":null,
                   "backends":[
                    {"address":"127.0.0.1:9101","weight":1,"name":"app.internal:9101","priority":7,"listed":true,"state":"serving","up":true,"inFlight":0,"connections":3,"since":"2026-01-02T03:04:05.678Z",
                     "lastProbe":{"asked":"GET http://127.0.0.1:9999/a","at":"2026-01-02T03:04:05.678Z","tookMs":3,"statusCode":200,"location":"/a","body":"ok","detail":"200","against":1,"turnsAt":3},
                     "ejected":{"since":"2026-01-02T03:04:05.678Z","until":"2026-01-02T03:04:35.678Z","times":1,"reason":"5 failures in a row, the last: connect"},"ejectionOverflows":2,"slowStartPercent":10,
                     "failures":{"connect":5,"broken":0,"timeout":0,"serverError":0}},
                    {"address":"[::1]:9102","weight":2,"name":null,"priority":0,"listed":true,"state":"drained","up":false,"inFlight":0,"connections":0,"since":null,"lastProbe":null,
                     "ejected":null,"ejectionOverflows":0,"slowStartPercent":null,"failures":{"connect":0,"broken":0,"timeout":0,"serverError":0}}],
                   "names":[{"name":"app.internal:9101","weight":1,"found":1,"at":"2026-01-02T03:04:05.678Z","resolvedAt":null,
                     "nextAt":"2026-01-02T03:04:10.678Z","problem":"no name server answered"}]},
                  "green":{"role":"idle","version":"1.4.2","source":"api","healthy":1,"usable":2,"total":2,"panic":false,"keepsUsers":true,
                   "pending":4,"limits":{"connections":6,"inFlight":8,"pending":100,"pendingTimeoutMs":1000},
                   "inFlight":3,"exchanges":3,"tunnels":0,"draining":true,"drained":false,
                   "drain":{"state":"draining","since":"2026-01-02T03:04:05.678Z",
                    "deadline":"2026-01-02T03:09:05.678Z","onDeadline":"close-idle"},
                   "backends":[
                    {"address":"127.0.0.1:9101","weight":1,"name":"app.internal:9101","priority":7,"listed":true,"state":"serving","up":true,"inFlight":3,"connections":3,"since":"2026-01-02T03:04:05.678Z",
                     "lastProbe":{"asked":"GET http://127.0.0.1:9999/a","at":"2026-01-02T03:04:05.678Z","tookMs":3,"statusCode":200,"location":"/a","body":"ok","detail":"200","against":1,"turnsAt":3},
                     "ejected":{"since":"2026-01-02T03:04:05.678Z","until":"2026-01-02T03:04:35.678Z","times":1,"reason":"5 failures in a row, the last: connect"},"ejectionOverflows":2,"slowStartPercent":10,
                     "failures":{"connect":5,"broken":0,"timeout":0,"serverError":0}},
                    {"address":"[::1]:9102","weight":2,"name":null,"priority":0,"listed":true,"state":"drained","up":false,"inFlight":0,"connections":0,"since":null,"lastProbe":null,
                     "ejected":null,"ejectionOverflows":0,"slowStartPercent":null,"failures":{"connect":0,"broken":0,"timeout":0,"serverError":0}}],
                   "names":[{"name":"app.internal:9101","weight":1,"found":1,"at":"2026-01-02T03:04:05.678Z","resolvedAt":null,
                     "nextAt":"2026-01-02T03:04:10.678Z","problem":"no name server answered"}]}},
                 "store":{"file":"data/state.json","problem":null},
                 "config":null}
                """);
        assertThat(Json.parse(reply.body()).toPrettyString()).isEqualTo(expected.toPrettyString());
    }

    @Test
    void statusSaysHowTheFileStandsToWhatIsInForce() {
        admin.control.config = Optional.of(new ConfigStatus("/etc/turnout.conf", Optional.empty(), List.of()));

        assertThat(AdminFixture.json(admin.get("/admin/status")).at("/config").toString())
                .isEqualTo("{\"file\":\"/etc/turnout.conf\",\"lastReload\":null,\"needRestart\":[]}");

        LastReload refused = new LastReload(FakeControl.T0, ConfigStatus.Result.REFUSED, List.of("t.conf:2: x"));
        admin.control.config =
                Optional.of(new ConfigStatus("t.conf", Optional.of(refused), List.of("timeouts", "limits")));

        assertThat(AdminFixture.json(admin.get("/admin/status")).at("/config").toString())
                .isEqualTo(
                        "{\"file\":\"t.conf\",\"lastReload\":{\"at\":\"2026-01-02T03:04:05.678Z\",\"result\":\"refused\","
                                + "\"problems\":[\"t.conf:2: x\"]},\"needRestart\":[\"timeouts\",\"limits\"]}");
    }

    @Test
    void poolUnderAnOrderWithNothingInFlightIsDrained() {
        admin.control.status = FakeControl.status(
                42,
                FakeControl.pool(Colour.BLUE, 2, 0, null),
                FakeControl.pool(Colour.GREEN, 2, 0, FakeControl.order(Colour.GREEN)));

        JsonNode green = AdminFixture.json(admin.get("/admin/pools/green"));

        assertThat(green.get("draining").booleanValue()).isFalse();
        assertThat(green.get("drained").booleanValue()).isTrue();
        assertThat(green.get("colour").textValue()).isEqualTo("green");
        assertThat(green.get("revision").longValue()).isEqualTo(42);
    }

    @Test
    void poolsHoldsBoth() {
        JsonNode json = AdminFixture.json(admin.get("/admin/pools"));

        assertThat(json.at("/pools/blue/role").textValue()).isEqualTo("active");
        assertThat(json.at("/pools/green/role").textValue()).isEqualTo("idle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/status", "/admin/pools", "/admin/pools/blue"})
    void knownRevisionIsNotSentAgain(String path) {
        Reply known = admin.get(path, "If-None-Match", "\"r41\", W/\"r42\"");
        Reply old = admin.get(path, "If-None-Match", "\"r41\"");

        assertThat(known.status()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(known.headers()).containsEntry("ETag", "\"r42\"");
        assertThat(old.status()).isEqualTo(200);
    }

    @Test
    void longPollAnswersWhenTheRevisionHasMoved() {
        CompletableFuture<Reply> reply = admin.start("GET", "/admin/status?wait=60s&revision=42", "");
        assertThat(reply).isNotDone();

        admin.control
                .revisionWaits
                .get(0)
                .complete(FakeControl.status(
                        43, FakeControl.pool(Colour.BLUE, 2, 0, null), FakeControl.pool(Colour.GREEN, 2, 0, null)));

        assertThat(reply.getNow(null).headers()).containsEntry("ETag", "\"r43\"");
        assertThat(admin.control.timeouts).containsExactly(Duration.ofSeconds(60));
    }

    @Test
    void longPollFromAnOlderRevisionAnswersAtOnce() {
        assertThat(admin.get("/admin/status?wait=60s&revision=41").status()).isEqualTo(200);
        assertThat(admin.control.revisionWaits).isEmpty();
    }

    @Test
    void longPollIsBoundedToFiveMinutes() {
        admin.begin("GET", "/admin/status?wait=2h&revision=42", "");

        assertThat(admin.control.timeouts).containsExactly(Duration.ofMinutes(5));
    }

    @Test
    void clientThatLeavesEndsItsLongPollAndFreesTheSeat() {
        admin.begin("GET", "/admin/status?wait=60s", "");
        AdminRequest first = admin.last;
        admin.begin("GET", "/admin/status?wait=60s", "");
        assertThat(AdminFixture.problem(admin.get("/admin/status?wait=60s"))).isEqualTo("too-many-waiting");

        first.gone().complete(null);

        assertThat(admin.control.revisionWaits.get(0)).isCompleted();
        assertThat(admin.start("GET", "/admin/status?wait=60s", "")).isNotDone();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin/status?wait=60",
                "/admin/status?revision=-1",
                "/admin/status?revision=1&revision=2",
                "/admin/status?wiat=60s",
                "/admin/history?limit=0",
                "/admin/history?limit=201",
                "/admin/history?before=x",
                "/admin/pools?x=1"
            })
    void badParameterIsRefused(String target) {
        Reply reply = admin.get(target);

        assertThat(AdminFixture.problem(reply)).isEqualTo("validation");
        assertThat(AdminFixture.json(reply).at("/errors/0/pointer").textValue()).startsWith("?");
    }

    @Test
    void historyIsPaged() throws Exception {
        Actor actor = new Actor("ann", "127.0.0.1");
        admin.control.history = List.of(
                new HistoryEntry(43, FakeControl.T0, actor, "drain", Colour.BLUE, Colour.GREEN, ""),
                new HistoryEntry(42, FakeControl.T0, actor, "switch", Colour.GREEN, Colour.BLUE, "1.4.2"),
                new HistoryEntry(41, FakeControl.T0, actor, "rollback", Colour.BLUE, Colour.GREEN, ""));

        Reply reply = admin.get("/admin/history?limit=1&before=43");

        assertThat(Json.parse(reply.body())).isEqualTo(Json.parse("""
                        [{"revision":42,"at":"2026-01-02T03:04:05.678Z",
                          "actor":{"name":"ann","remoteAddress":"127.0.0.1"},
                          "action":"switch","from":"green","to":"blue","reason":"1.4.2","result":"made","about":null}]
                        """));
        assertThat(AdminFixture.json(admin.get("/admin/history"))).hasSize(3);
    }
}
