package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.control.ReleaseChange;
import dev.turnout.proxy.control.WarmUpPlan;
import dev.turnout.proxy.routing.WarmUpReport;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WarmUpCommandsTest {

    private static final WarmUpReport GOOD = new WarmUpReport(3, 12, 60, 0, 0, 123_400_000, List.of());
    private static final WarmUpReport BAD =
            new WarmUpReport(3, 11, 60, 2, 1, 5_000_000, List.of("127.0.0.1:9201 GET /x: status 503"));

    private final AdminFixture admin = new AdminFixture();

    WarmUpCommandsTest() {
        admin.control.warmUpPlan = new WarmUpPlan(3, 12, 60, true, true);
    }

    private CompletableFuture<Reply> begin(String path, String body) {
        CompletableFuture<Reply> reply = admin.start("POST", path, body);
        assertThat(reply).isNotDone();
        assertThat(admin.control.warmUps).hasSize(1);
        return reply;
    }

    private void warmed(WarmUpReport report) {
        admin.control.warmUps.get(0).complete(report);
    }

    private ChangeRequest submitted(int number) {
        return admin.control.submitted.get(number);
    }

    @Test
    void commandIsTriedThenThePoolIsWarmedThenItIsCarriedOut() {
        CompletableFuture<Reply> reply =
                begin("/admin/switch", "{\"expectedRevision\":42,\"reason\":\"2.4.1\",\"gate\":{\"minHealthy\":50}}");
        assertThat(admin.control.submitted).hasSize(1);
        assertThat(submitted(0).dryRun()).isTrue();
        assertThat(((Change.SwitchTo) submitted(0).change()).to()).isEmpty();

        warmed(GOOD);

        assertThat(admin.control.submitted).hasSize(2);
        // Pinned to what is warm, under the terms that were given.
        Change.SwitchTo made = (Change.SwitchTo) submitted(1).change();
        assertThat(made.to()).contains(Colour.GREEN);
        assertThat(made.gate().minHealthy()).hasValue(50);
        assertThat(submitted(1).dryRun()).isFalse();
        assertThat(submitted(1).expectedRevision()).isEqualTo(OptionalLong.of(42));
        assertThat(submitted(1).reason()).isEqualTo("2.4.1");
        assertThat(reply.getNow(null).body())
                .isEqualTo("{\"changed\":true,\"revision\":43,\"tookMs\":1.235,\"from\":\"blue\",\"to\":\"green\","
                        + "\"warmUp\":{\"backends\":3,\"connections\":12,\"requests\":60,\"failed\":0,"
                        + "\"tookMs\":123.4,\"failures\":[]}}\n");
    }

    @Test
    void canaryAndRampArePinnedAsWell() {
        CompletableFuture<Reply> canary = begin("/admin/canary", "{\"weight\":5}");
        warmed(GOOD);
        assertThat(((ReleaseChange.StartCanary) submitted(1).change()).to()).contains(Colour.GREEN);
        assertThat(canary.getNow(null).body()).contains("\"warmUp\":{\"backends\":3,");
        admin.control.submitted.clear();
        admin.control.warmUps.clear();

        begin("/admin/switch", "{\"ramp\":\"60s\"}");
        warmed(GOOD);

        assertThat(((ReleaseChange.StartCanary) submitted(1).change()).to()).contains(Colour.GREEN);
    }

    @Test
    void commandThatWouldBeRefusedIsRefusedAtOnceAndStandsInTheHistory() {
        admin.control.refuse(Kind.FROZEN);

        assertThat(AdminFixture.problem(admin.post("/admin/switch", ""))).isEqualTo("frozen");

        assertThat(admin.control.warmUps).isEmpty();
        assertThat(admin.control.submitted).hasSize(1);
        assertThat(admin.control.refusals).extracting(ChangeRefused::kind).containsExactly(Kind.FROZEN);
    }

    @Test
    void failureRefusesUnlessItIsForcedOrMayBe() {
        CompletableFuture<Reply> reply = begin("/admin/switch", "");
        warmed(BAD);

        assertThat(AdminFixture.problem(reply.getNow(null))).isEqualTo("warm-up-failed");
        assertThat(AdminFixture.json(reply.getNow(null)).get("detail").textValue())
                .isEqualTo("nothing was changed: in the warm-up of green, 60 requests to 3 backends, 3 failed, among"
                        + " them: 127.0.0.1:9201 GET /x: status 503");
        assertThat(admin.control.submitted).hasSize(1);
        assertThat(admin.control.refusals).extracting(ChangeRefused::kind).containsExactly(Kind.WARM_UP_FAILED);

        admin.control.warmUps.clear();
        CompletableFuture<Reply> forced = begin("/admin/switch", "{\"force\":true}");
        warmed(BAD);
        assertThat(forced.getNow(null).body()).contains("\"failed\":3");

        admin.control.warmUps.clear();
        admin.control.warmUpPlan = new WarmUpPlan(3, 12, 60, true, false);
        CompletableFuture<Reply> proceeding = begin("/admin/switch", "");
        warmed(BAD);
        assertThat(proceeding.getNow(null).status()).isEqualTo(200);
    }

    @Test
    void whatMovedTheTrafficMeanwhileIsNotOverruled() {
        for (String action : List.of("switch", "rollback", "auto-rollback", "canary-abort")) {
            admin.control.history = List.of(entry(43, action, HistoryEntry.MADE));
            assertThat(answerAfterAWarmUp()).isEqualTo("recently-switched");
        }
        for (HistoryEntry harmless : List.of(
                entry(42, "rollback", HistoryEntry.MADE),
                entry(43, "rollback", "refused: no-usable-backend"),
                entry(43, "backend-weight", HistoryEntry.MADE))) {
            admin.control.history = List.of(harmless);
            assertThat(answerAfterAWarmUp()).isEmpty();
        }
    }

    private String answerAfterAWarmUp() {
        admin.control.warmUps.clear();
        admin.control.next = CompletableFuture.completedFuture(
                new ChangeResult(true, false, Colour.BLUE, Colour.GREEN, 42, 1_234_567));
        CompletableFuture<Reply> reply = begin("/admin/switch", "{\"to\":\"green\"}");
        warmed(GOOD);
        return reply.getNow(null).headers().getOrDefault("X-Turnout-Error", "");
    }

    private static HistoryEntry entry(long revision, String action, String result) {
        return new HistoryEntry(
                revision,
                FakeControl.T0,
                new dev.turnout.proxy.control.Actor("ann", ""),
                action,
                Colour.GREEN,
                Colour.BLUE,
                "",
                result,
                "");
    }

    @Test
    void whatMovesNothingWarmsNothing() {
        admin.control.next = CompletableFuture.completedFuture(
                new ChangeResult(true, false, Colour.BLUE, Colour.BLUE, 43, 1_234_567));

        // The active colour, drained by order, takes its traffic again: its users wait.
        assertThat(admin.post("/admin/switch", "{\"to\":\"blue\"}").body()).doesNotContain("warmUp");
        assertThat(admin.post("/admin/rollback", "").body()).doesNotContain("warmUp");
        assertThat(admin.post("/admin/canary/step", "").body()).doesNotContain("warmUp");
        assertThat(admin.post("/admin/switch", "{\"warmUp\":false}").body()).doesNotContain("warmUp");
        assertThat(admin.post("/admin/canary", "{\"weight\":1,\"warmUp\":false}")
                        .body())
                .doesNotContain("warmUp");

        assertThat(admin.control.warmUps).isEmpty();
    }

    @Test
    void dryRunTellsWhatWouldBeDone() {
        assertThat(admin.post("/admin/switch", "{\"dryRun\":true}").body())
                .contains("\"warmUp\":{\"backends\":3,\"connections\":12,\"requests\":60}");
        assertThat(admin.post("/admin/pools/green/warm-up", "{\"dryRun\":true}").body())
                .isEqualTo("{\"backends\":3,\"connections\":12,\"requests\":60}\n");

        assertThat(admin.control.submitted).hasSize(1);
        assertThat(admin.control.warmUps).isEmpty();
    }

    @Test
    void commandOfItsOwnAnswersWithTheResultAlone() {
        CompletableFuture<Reply> reply = begin("/admin/pools/green/warm-up", "");

        warmed(BAD);

        assertThat(reply.getNow(null).status()).isEqualTo(200);
        assertThat(reply.getNow(null).body())
                .isEqualTo("{\"backends\":3,\"connections\":11,\"requests\":60,\"failed\":3,\"tookMs\":5.0,"
                        + "\"failures\":[\"127.0.0.1:9201 GET /x: status 503\"]}\n");
        assertThat(AdminFixture.problem(admin.post("/admin/pools/green/warm-up", "{\"force\":true}")))
                .isEqualTo("validation");
        assertThat(AdminFixture.problem(admin.post("/admin/pools/red/warm-up", "")))
                .isEqualTo("not-found");
    }

    @Test
    void keyIsInUseWhileThePoolIsWarmedAndFreeAfterARefusal() {
        CompletableFuture<Reply> first = admin.start("POST", "/admin/switch", "", "Idempotency-Key", "k");
        assertThat(AdminFixture.problem(admin.post("/admin/switch", "", "Idempotency-Key", "k")))
                .isEqualTo("idempotency-key-in-use");
        warmed(BAD);
        assertThat(AdminFixture.problem(first.getNow(null))).isEqualTo("warm-up-failed");

        CompletableFuture<Reply> again = admin.start("POST", "/admin/switch", "", "Idempotency-Key", "k");
        admin.control.warmUps.get(1).complete(GOOD);

        assertThat(again.getNow(null).status()).isEqualTo(200);
        assertThat(admin.post("/admin/switch", "", "Idempotency-Key", "k").headers())
                .containsEntry("Idempotency-Replayed", "true");
    }

    @Test
    void warmUpsAreBoundedLikeAllThatIsWaitedFor() {
        begin("/admin/switch", "");
        assertThat(admin.start("POST", "/admin/switch", "")).isNotDone();

        assertThat(AdminFixture.problem(admin.post("/admin/switch", ""))).isEqualTo("too-many-waiting");
        assertThat(AdminFixture.problem(admin.post("/admin/pools/green/warm-up", "")))
                .isEqualTo("too-many-waiting");
        admin.control.warmUps.forEach(report -> report.complete(GOOD));

        assertThat(admin.start("POST", "/admin/pools/green/warm-up", "")).isNotDone();
        assertThat(Optional.of(admin.control.submitted.size())).contains(4);
    }

    @Test
    void switchThatWaitsForTheDrainTellsOfBoth() {
        CompletableFuture<Reply> reply = begin("/admin/switch", "{\"wait\":\"drained\"}");
        warmed(GOOD);
        assertThat(reply).isNotDone();

        admin.control.drainWaits.get(0).complete(true);

        assertThat(reply.getNow(null).body()).contains("\"drained\":true", "\"warmUp\":{");
    }
}
