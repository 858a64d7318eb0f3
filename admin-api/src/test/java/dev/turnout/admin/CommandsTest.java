package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Actor;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

    private final AdminFixture admin = new AdminFixture();

    @Test
    void switchWithoutBodyGoesToTheIdleColourAndIsNotRepeatable() {
        Reply reply = admin.post("/admin/switch", "");

        assertThat(admin.onlyChange())
                .isEqualTo(new ChangeRequest(
                        new Change.SwitchTo(Optional.empty()),
                        OptionalLong.empty(),
                        false,
                        false,
                        false,
                        "",
                        new Actor("anonymous", "127.0.0.1")));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers()).containsEntry("ETag", "\"r43\"");
        assertThat(reply.body())
                .isEqualTo("{\"changed\":true,\"revision\":43,\"tookMs\":1.235,\"from\":\"blue\",\"to\":\"green\"}\n");
    }

    @Test
    void switchTakesEveryFieldOfItsBody() {
        admin.post(
                "/admin/switch",
                "{\"to\":\"green\",\"expectedRevision\":42,\"reason\":\"2.4.1\",\"dryRun\":true,\"force\":true,"
                        + "\"wait\":\"drained\",\"timeout\":\"30s\"}");

        assertThat(admin.onlyChange())
                .isEqualTo(new ChangeRequest(
                        new Change.SwitchTo(Optional.of(Colour.GREEN)),
                        OptionalLong.of(42),
                        true,
                        true,
                        true,
                        "2.4.1",
                        new Actor("anonymous", "127.0.0.1")));
    }

    @Test
    void dryRunSaysSoAndDoesNotWait() {
        admin.control.next =
                CompletableFuture.completedFuture(new ChangeResult(true, true, Colour.BLUE, Colour.GREEN, 42, 1000));

        Reply reply = admin.post("/admin/switch", "{\"dryRun\":true,\"wait\":\"drained\"}");

        assertThat(AdminFixture.json(reply).get("dryRun").booleanValue()).isTrue();
        assertThat(admin.control.drainWaits).isEmpty();
    }

    @Test
    void switchThatWaitsAnswersWhenTheOldPoolIsEmpty() {
        CompletableFuture<Reply> reply =
                admin.start("POST", "/admin/switch", "{\"wait\":\"drained\",\"timeout\":\"30s\"}");
        assertThat(reply).isNotDone();

        admin.control.drainWaits.get(0).complete(true);

        assertThat(reply.getNow(null).status()).isEqualTo(200);
        assertThat(AdminFixture.json(reply.getNow(null)).get("drained").booleanValue())
                .isTrue();
        assertThat(admin.control.timeouts).containsExactly(Duration.ofSeconds(30));
    }

    @Test
    void waitThatTimesOutAnswers202WithWhatIsLeft() {
        admin.control.status = FakeControl.status(
                43,
                FakeControl.pool(Colour.BLUE, 2, 7, FakeControl.order(Colour.BLUE)),
                FakeControl.pool(Colour.GREEN, 2, 0, null));
        CompletableFuture<Reply> reply = admin.start("POST", "/admin/pools/blue/drain", "{\"wait\":true}");

        admin.control.drainWaits.get(0).complete(false);

        JsonNode json = AdminFixture.json(reply.getNow(null));
        assertThat(reply.getNow(null).status()).isEqualTo(202);
        assertThat(json.get("drained").booleanValue()).isFalse();
        assertThat(json.get("inFlight").longValue()).isEqualTo(7);
        assertThat(admin.control.timeouts).containsExactly(Duration.ofMinutes(5));
    }

    @Test
    void idlePoolUnderNoOrderCountsAsDrainedWhenEmpty() {
        admin.control.next =
                CompletableFuture.completedFuture(new ChangeResult(false, false, Colour.BLUE, Colour.BLUE, 42, 1000));
        CompletableFuture<Reply> reply = admin.start("POST", "/admin/switch", "{\"to\":\"blue\",\"wait\":\"drained\"}");

        admin.control.drainWaits.get(0).complete(false);

        assertThat(reply.getNow(null).status()).isEqualTo(200);
        assertThat(AdminFixture.json(reply.getNow(null)).get("drained").booleanValue())
                .isTrue();
    }

    @Test
    void waitsBeyondTheSeatsAreRefusedBeforeAnythingHappens() {
        admin.begin("POST", "/admin/switch", "{\"wait\":\"drained\"}");
        admin.begin("POST", "/admin/switch", "{\"wait\":\"drained\"}");

        Reply reply = admin.post("/admin/switch", "{\"wait\":\"drained\"}");

        assertThat(AdminFixture.problem(reply)).isEqualTo("too-many-waiting");
        assertThat(admin.control.submitted).hasSize(2);
        admin.control.drainWaits.get(0).complete(true);
        assertThat(admin.start("POST", "/admin/switch", "{\"wait\":\"drained\"}"))
                .isNotDone();
    }

    @Test
    void readersThatWaitTakeNoSeatOfACommand() {
        admin.begin("GET", "/admin/status?wait=60s", "");
        admin.begin("GET", "/admin/status?wait=60s", "");
        assertThat(AdminFixture.problem(admin.get("/admin/status?wait=60s"))).isEqualTo("too-many-waiting");

        assertThat(admin.start("POST", "/admin/switch", "{\"wait\":\"drained\"}"))
                .isNotDone();

        assertThat(admin.control.submitted).hasSize(1);
    }

    /** Whoever goes back has a reason: that nobody can wait with them is none against it. */
    @Test
    void rollbackIsMadeWithoutASeatAndAnsweredAsIfTheWaitHadRunOut() {
        admin.begin("POST", "/admin/switch", "{\"wait\":\"drained\"}");
        admin.begin("POST", "/admin/switch", "{\"wait\":\"drained\"}");
        admin.control.next =
                CompletableFuture.completedFuture(new ChangeResult(true, false, Colour.GREEN, Colour.BLUE, 44, 1000));
        admin.control.status = FakeControl.status(
                44,
                FakeControl.pool(Colour.BLUE, 2, 0, null),
                FakeControl.pool(Colour.GREEN, 2, 7, FakeControl.order(Colour.GREEN)));

        Reply reply = admin.post("/admin/rollback", "{\"wait\":\"drained\"}");

        assertThat(reply.status()).isEqualTo(202);
        assertThat(AdminFixture.json(reply).get("changed").booleanValue()).isTrue();
        assertThat(AdminFixture.json(reply).get("drained").booleanValue()).isFalse();
        assertThat(AdminFixture.json(reply).get("inFlight").longValue()).isEqualTo(7);
        assertThat(admin.control.submitted).hasSize(3);
        assertThat(admin.control.drainWaits).hasSize(2);
    }

    @Test
    void drainThatWaitsTellsWhatIsInFlightAfterTheWait() {
        admin.control.status = FakeControl.status(
                43,
                FakeControl.pool(Colour.BLUE, 2, 7, FakeControl.order(Colour.BLUE)),
                FakeControl.pool(Colour.GREEN, 2, 0, null));
        CompletableFuture<Reply> reply = admin.start("POST", "/admin/pools/blue/drain", "{\"wait\":true}");
        admin.control.status = FakeControl.status(
                43,
                FakeControl.pool(Colour.BLUE, 2, 0, FakeControl.order(Colour.BLUE)),
                FakeControl.pool(Colour.GREEN, 2, 0, null));

        admin.control.drainWaits.get(0).complete(true);

        JsonNode json = AdminFixture.json(reply.getNow(null));
        assertThat(json.get("drained").booleanValue()).isTrue();
        assertThat(json.get("inFlight").longValue()).isZero();
    }

    @Test
    void clientThatLeavesEndsItsWaitAndFreesTheSeat() {
        CompletableFuture<Reply> left = admin.start("POST", "/admin/pools/blue/drain", "{\"wait\":true}");
        admin.last.gone().complete(null);

        assertThat(left).isDone();
        assertThat(admin.control.drainWaits.get(0)).isCompletedWithValue(false);
        admin.begin("POST", "/admin/pools/blue/drain", "{\"wait\":true}");
        assertThat(admin.start("POST", "/admin/pools/blue/drain", "{\"wait\":true}"))
                .isNotDone();
    }

    @Test
    void rollbackIsSubmitted() {
        Reply reply = admin.post("/admin/rollback", "{\"reason\":\"errors\",\"force\":true}");

        assertThat(admin.onlyChange().change()).isEqualTo(new Change.Rollback());
        assertThat(admin.onlyChange().force()).isTrue();
        assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void drainAndUndrainNameThePoolOfThePath() {
        Reply drained = admin.post("/admin/pools/green/drain", "{\"deadline\":\"10m\",\"onDeadline\":\"close-idle\"}");
        admin.post("/admin/pools/blue/undrain", "");

        assertThat(admin.control.submitted)
                .extracting(ChangeRequest::change)
                .containsExactly(
                        new Change.DrainPool(Colour.GREEN, Optional.of(Duration.ofMinutes(10)), OnDeadline.CLOSE_IDLE),
                        new Change.UndrainPool(Colour.BLUE));
        assertThat(AdminFixture.json(drained).get("colour").textValue()).isEqualTo("green");
    }

    @Test
    void unknownColourInThePathIsNotFound() {
        assertThat(AdminFixture.problem(admin.post("/admin/pools/red/drain", "")))
                .isEqualTo("not-found");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void ifMatchIsTheExpectedRevision() {
        admin.post("/admin/switch", "", "If-Match", "\"r42\"");
        admin.post("/admin/switch", "", "If-Match", "*");
        admin.post("/admin/switch", "", "If-Match", "\"of somebody else\"");

        assertThat(admin.control.submitted)
                .extracting(ChangeRequest::expectedRevision)
                .containsExactly(OptionalLong.of(42), OptionalLong.empty(), OptionalLong.of(RevisionTag.NEVER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"r1", "banana", "42", "\"r1", "r1\"", "W/r1", ""})
    void ifMatchThatIsNoTagIsRefusedWithWhatWasExpected(String field) {
        Reply reply = admin.post("/admin/switch", "", "If-Match", field);

        assertThat(AdminFixture.problem(reply)).isEqualTo("validation");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(AdminFixture.json(reply).at("/errors/0/message").textValue())
                .isEqualTo("If-Match (expected: a quoted revision such as \"r42\", or *)");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void ifMatchThatContradictsTheBodyIsRefused() {
        Reply reply = admin.post("/admin/switch", "{\"expectedRevision\":41}", "If-Match", "\"r42\"");

        assertThat(AdminFixture.problem(reply)).isEqualTo("validation");
    }

    @ParameterizedTest
    @EnumSource(ChangeRefused.Kind.class)
    void refusedChangeIsAProblemOfTheSameNameWithTheRevisionInForce(ChangeRefused.Kind kind) {
        admin.control.refuse(kind);

        Reply reply = admin.post("/admin/switch", "");

        assertThat(AdminFixture.problem(reply)).isEqualTo(Json.word(kind));
        assertThat(reply.headers()).containsEntry("ETag", "\"r42\"");
        assertThat(AdminFixture.json(reply).get("revision").longValue()).isEqualTo(42);
        assertThat(AdminFixture.json(reply).get("detail").textValue()).isEqualTo("because of the test");
    }

    @Test
    void mistakeOfOursIsAProblemToo() {
        admin.control.next = CompletableFuture.failedFuture(new IllegalStateException("a bug"));

        Reply reply = admin.post("/admin/switch", "");

        assertThat(AdminFixture.problem(reply)).isEqualTo("internal-error");
        assertThat(reply.body()).doesNotContain("a bug");
    }
}
