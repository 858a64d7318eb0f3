package dev.turnout.proxy.control;

import static dev.turnout.proxy.control.ControlFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.LoadedSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.config.SettingsLoader;
import dev.turnout.proxy.control.ConfigStatus.LastReload;
import dev.turnout.proxy.control.ConfigStatus.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the status keeps of readings of the file. */
class ConfigReloadTest {

    private final ControlFixture control = ControlFixture.start();
    /** What the file says; read on the thread of the reload. */
    private volatile Supplier<Settings> file = () -> settings().build();

    private final ConfigReload reload = new ConfigReload(
            new ConfigReload.Source("turnout.conf", () -> new LoadedSettings(file.get(), List.of())),
            settings().build(),
            control.board,
            control.plane,
            control.clock);

    @AfterEach
    void close() {
        reload.close();
        control.close();
    }

    @Test
    void nothingIsToldBeforeTheFirstReading() {
        assertThat(reload.status().file()).isEqualTo("turnout.conf");
        assertThat(reload.status().lastReload()).isEmpty();
        assertThat(reload.status().needRestart()).isEmpty();
    }

    @Test
    void whatIsPutInForceOrEqualIsTold() throws Exception {
        get(ask(false));
        assertThat(last()).isEqualTo(new LastReload(control.clock.instant(), Result.EQUAL, List.of()));

        file = () -> settings().set("pools.blue.version", "2").build();
        get(ask(false));
        assertThat(last().result()).isEqualTo(Result.APPLIED);
    }

    @Test
    void needOfARestartGoesWithWhatDiffers() throws Exception {
        file = () -> settings().set("timeouts.idle", "7s").build();
        get(ask(false));
        assertThat(last().result()).isEqualTo(Result.EQUAL);
        assertThat(reload.status().needRestart()).containsExactly("timeouts");

        file = ConfigReloadTest::broken;
        refused(ask(false));
        assertThat(reload.status().needRestart()).containsExactly("timeouts");

        file = () -> settings().build();
        get(ask(false));
        assertThat(reload.status().needRestart()).isEmpty();
    }

    @Test
    void dryRunIsNoneOfThem() throws Exception {
        file = () -> settings()
                .set("timeouts.idle", "7s")
                .set("pools.blue.version", "2")
                .build();

        assertThat(get(ask(true)).needRestart()).containsExactly("timeouts");

        assertThat(reload.status().lastReload()).isEmpty();
        assertThat(reload.status().needRestart()).isEmpty();
    }

    @Test
    void problemsOfAFileAreFewAndWithoutItsValues() {
        StringBuilder text = new StringBuilder();
        for (int line = 1; line <= 8; line++) {
            text.append("turnout.limits.unknown").append(line).append(" = s3cret\n");
        }
        file = () -> SettingsLoader.parse(text + "turnout.workers = s3cret\n", Path.of(""))
                .settings();

        refused(ask(false));

        assertThat(last().result()).isEqualTo(Result.REFUSED);
        assertThat(last().problems())
                .hasSize(6)
                .endsWith("and 4 more, see the log")
                .allMatch(problem -> problem.length() < 600 && !problem.contains("s3cret"));
        assertThat(last().problems().get(0)).startsWith("configuration:1: turnout.limits.unknown1 ");
    }

    @Test
    void goodFileThatTheControlPlaneRefusesIsToldWithItsReason() throws Exception {
        file = () -> settings().blue().set("timeouts.idle", "7s").build();

        refused(ask(false));

        assertThat(last().result()).isEqualTo(Result.REFUSED);
        assertThat(last().problems()).singleElement().asString().contains("blue");
        // It would be read so by the next start.
        assertThat(reload.status().needRestart()).containsExactly("timeouts");
    }

    @Test
    void messageOfAFaultOfOursIsNotShown() {
        file = () -> {
            throw new IllegalStateException("s3cret");
        };

        refused(ask(false));

        assertThat(last().problems()).containsExactly("a fault of Turnout's own, see the log");
    }

    /** The control thread may come to the first when the second has failed already. */
    @Test
    void olderReadingThatEndsLaterIsPassedOver() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        control.atSwitch = () -> awaitQuietly(gate);
        CompletionStage<ChangeResult> before =
                control.plane.submit(ControlFixture.request(new Change.SwitchTo(Optional.of(Colour.GREEN))));
        AtomicInteger readings = new AtomicInteger();
        file = () -> readings.incrementAndGet() == 1
                ? settings().set("pools.blue.version", "2").build()
                : broken();
        CompletionStage<ConfigReload.Outcome> older = ask(false);
        refused(ask(false));
        gate.countDown();
        get(before);
        assertThat(get(older).result().changed()).isTrue();

        assertThat(last().result()).isEqualTo(Result.REFUSED);
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Settings broken() {
        return SettingsLoader.parse("turnout.workers = -1", Path.of("")).settings();
    }

    private LastReload last() {
        return reload.status().lastReload().orElseThrow();
    }

    private CompletionStage<ConfigReload.Outcome> ask(boolean dryRun) {
        return reload.reload(new ConfigReload.Order(
                false,
                dryRun,
                change -> new ChangeRequest(
                        change, OptionalLong.empty(), dryRun, false, true, "", ControlFixture.ACTOR)));
    }

    private static void refused(CompletionStage<ConfigReload.Outcome> answer) {
        assertThatThrownBy(() -> get(answer)).isInstanceOf(ExecutionException.class);
    }

    /** As those of the control plane. */
    private static SettingsBuilder settings() {
        return new SettingsBuilder()
                .blue("127.0.0.1:9101", "127.0.0.1:9102")
                .green("127.0.0.1:9201", "127.0.0.1:9202")
                .health(HealthSettings.Kind.NONE)
                .stateFile(Path.of("/state/state.json"));
    }
}
