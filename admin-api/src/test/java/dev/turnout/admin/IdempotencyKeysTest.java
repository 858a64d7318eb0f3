package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeysTest {

    private final AdminFixture admin = new AdminFixture();

    @Test
    void repeatedCommandGetsTheFirstReplyAndHappensOnce() {
        Reply first = switchWithKey("k1", "");
        Reply second = switchWithKey("k1", "");

        assertThat(admin.onlyChange().repeatable()).isTrue();
        assertThat(second).isEqualTo(first.with("Idempotency-Replayed", "true"));
        assertThat(first.headers()).doesNotContainKey("Idempotency-Replayed");
    }

    @Test
    void keyOfAnotherRequestIsRefused() {
        switchWithKey("k1", "{\"to\":\"green\"}");

        assertThat(AdminFixture.problem(switchWithKey("k1", "{\"to\":\"blue\"}")))
                .isEqualTo("idempotency-key-reused");
        assertThat(AdminFixture.problem(admin.post("/admin/rollback", "", "Idempotency-Key", "k1")))
                .isEqualTo("idempotency-key-reused");
        assertThat(admin.control.submitted).hasSize(1);
    }

    /** A removal that cuts is not the one that waits. */
    @Test
    void queryIsPartOfTheRequest() {
        String path = "/admin/pools/blue/backends/127.0.0.1:9101";
        Reply first = admin.start("DELETE", path + "?force=false&cut=false", "", "Idempotency-Key", "k1")
                .getNow(null);

        assertThat(admin.start("DELETE", path + "?cut=false&force=false", "", "Idempotency-Key", "k1")
                        .getNow(null)
                        .body())
                .isEqualTo(first.body());
        assertThat(AdminFixture.problem(admin.start("DELETE", path + "?force=true", "", "Idempotency-Key", "k1")
                        .getNow(null)))
                .isEqualTo("idempotency-key-reused");
    }

    @Test
    void keyOfACommandUnderWayIsInUse() {
        CompletableFuture<ChangeResult> running = new CompletableFuture<>();
        admin.control.next = running;
        CompletableFuture<Reply> first = admin.start("POST", "/admin/switch", "", "Idempotency-Key", "k1");

        assertThat(AdminFixture.problem(switchWithKey("k1", ""))).isEqualTo("idempotency-key-in-use");

        running.complete(new ChangeResult(true, false, Colour.BLUE, Colour.GREEN, 43, 1));
        assertThat(switchWithKey("k1", "").body()).isEqualTo(first.getNow(null).body());
    }

    @Test
    void refusedCommandFreesItsKey() {
        CompletableFuture<ChangeResult> good = admin.control.next;
        admin.control.refuse(ChangeRefused.Kind.NO_USABLE_BACKEND);
        assertThat(switchWithKey("k1", "").status()).isEqualTo(409);
        admin.control.next = good;

        Reply second = switchWithKey("k1", "");

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.headers()).doesNotContainKey("Idempotency-Replayed");
    }

    @Test
    void invalidBodyTakesNoKey() {
        assertThat(switchWithKey("k1", "{").status()).isEqualTo(400);
        assertThat(switchWithKey("k1", "").status()).isEqualTo(200);
    }

    @Test
    void keyIsForgottenAfterADay() {
        switchWithKey("k1", "");
        admin.nanos += TimeUnit.HOURS.toNanos(24) - 1;
        switchWithKey("k1", "");
        assertThat(admin.control.submitted).hasSize(1);

        admin.nanos++;
        switchWithKey("k1", "");

        assertThat(admin.control.submitted).hasSize(2);
    }

    @Test
    void oldestOfAThousandKeysGivesWayAndRunningOnesDoNot() {
        CompletableFuture<ChangeResult> done = admin.control.next;
        admin.control.next = new CompletableFuture<>();
        admin.start("POST", "/admin/switch", "", "Idempotency-Key", "running").isDone();
        admin.control.next = done;
        for (int i = 0; i < 1000; i++) {
            switchWithKey("k" + i, "");
        }

        assertThat(switchWithKey("k999", "").headers()).containsKey("Idempotency-Replayed");
        assertThat(AdminFixture.problem(switchWithKey("running", ""))).isEqualTo("idempotency-key-in-use");
        assertThat(switchWithKey("k0", "").headers()).doesNotContainKey("Idempotency-Replayed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "\u00e4"})
    void keyThatIsNoneIsRefused(String key) {
        assertThat(AdminFixture.problem(switchWithKey(key, ""))).isEqualTo("validation");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void keyIsBounded() {
        assertThat(switchWithKey("k".repeat(128), "").status()).isEqualTo(200);
        assertThat(switchWithKey("k".repeat(129), "").status()).isEqualTo(400);
    }

    @Test
    void viewsDoNotCareForKeys() {
        assertThat(admin.get("/admin/status", "Idempotency-Key", "a b").status())
                .isEqualTo(200);
    }

    private Reply switchWithKey(String key, String body) {
        return admin.post("/admin/switch", body, "Idempotency-Key", key);
    }
}
