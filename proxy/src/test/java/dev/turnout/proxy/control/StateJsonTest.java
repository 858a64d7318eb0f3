package dev.turnout.proxy.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.CidrBlock;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Baseline;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.CanaryRule;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.release.JudgeSettings;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.release.Stickiness;
import dev.turnout.proxy.release.UserKey;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Freeze;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.PoolEdit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StateJsonTest {

    @Test
    void stateComesBackAsItWas() throws Exception {
        SavedState state = States.ofRevision(42);

        assertThat(StateJson.read(StateJson.write(state))).isEqualTo(state);
    }

    @Test
    void stateOfAFirstStartComesBackAsItWas() throws Exception {
        SavedState state = new SavedState(1, Colour.GREEN, Optional.empty(), States.NOON, Orders.NONE, List.of());

        assertThat(StateJson.read(StateJson.write(state))).isEqualTo(state);
    }

    @Test
    void holdComesBackWithTheSwitchItIsFor() throws Exception {
        for (Optional<Colour> to : List.of(Optional.<Colour>empty(), Optional.of(Colour.GREEN))) {
            HoldOrder hold = new HoldOrder(3, States.NOON, States.NOON.plusSeconds(9), 10, 1000, "why", to);
            SavedState state = new SavedState(
                    3,
                    Colour.BLUE,
                    Optional.empty(),
                    States.NOON,
                    Orders.NONE.withHold(hold).withKeepsUsers(to.isPresent()),
                    List.of());

            assertThat(StateJson.read(StateJson.write(state))).isEqualTo(state);
        }
    }

    /** They do not say that traffic went back, but for their history. */
    @ParameterizedTest
    @CsvSource({"rollback,true", "auto-rollback,true", "canary-abort,true", "switch,false"})
    void fileOfAnOlderVersionTellsByItsHistoryThatTrafficWentBack(String action, boolean wentBack) throws Exception {
        Actor actor = new Actor("ci", "127.0.0.1");
        SavedState state = new SavedState(
                5,
                Colour.BLUE,
                Optional.of(Colour.GREEN),
                States.NOON,
                Orders.NONE,
                List.of(
                        new HistoryEntry(5, States.NOON.plusSeconds(9), actor, "drain", Colour.BLUE, Colour.GREEN, ""),
                        new HistoryEntry(4, States.NOON, actor, action, Colour.GREEN, Colour.BLUE, "")));

        assertThat(StateJson.read(ofAnOlderVersion(state)).wentBack())
                .isEqualTo(wentBack ? Optional.of(States.NOON) : Optional.empty());
        assertThat(StateJson.read(StateJson.write(state)).wentBack()).isEmpty();
    }

    private static byte[] ofAnOlderVersion(SavedState state) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode file = (ObjectNode) json.readTree(StateJson.write(state));
        ObjectNode content = (ObjectNode) file.required("state");
        content.remove(List.of("keepsUsers", "wentBack"));
        CRC32C crc = new CRC32C();
        crc.update(json.writeValueAsBytes(content));
        return json.writeValueAsBytes(file.put("crc32c", String.format("%08x", crc.getValue())));
    }

    @Test
    void maintenanceOutlivesARestartAndIsNotInFilesOfOlderVersions() throws Exception {
        SavedState on = new SavedState(
                3, Colour.BLUE, Optional.empty(), States.NOON, Orders.NONE.withMaintenance(true), List.of());
        SavedState off = new SavedState(3, Colour.BLUE, Optional.empty(), States.NOON, Orders.NONE, List.of());

        assertThat(StateJson.read(StateJson.write(on))).isEqualTo(on);
        assertThat(StateJson.read(StateJson.write(off))).isEqualTo(off);
        assertThat(new String(StateJson.write(off), UTF_8)).doesNotContain("maintenance");
    }

    @Test
    void releaseAndFreezeComeBackAsTheyWere() throws Exception {
        CanaryPlan plan = new CanaryPlan(
                List.of(new Step(100, Duration.ofMinutes(5), 500, false), new Step(100, Duration.ZERO, 0, true)),
                List.of(
                        new CanaryRule.Header("X-Canary", "always"),
                        new CanaryRule.Cookie("beta", CanaryRule.ANY),
                        new CanaryRule.PathPrefix("/new"),
                        new CanaryRule.Network(CidrBlock.parse("10.0.0.0/8")),
                        new CanaryRule.Users(Set.of("anna", "bob"))),
                List.of(new CanaryRule.Header("X-Canary", "never")),
                new Stickiness(List.of(UserKey.parse("cookie:uid").orElseThrow()), true, false),
                JudgeSettings.defaults(),
                true,
                Duration.ofHours(2),
                true,
                new Aftercare(Duration.ofMinutes(10), 200, Duration.ofMinutes(5)),
                new GateTerms(OptionalInt.of(75), OptionalInt.of(80)));
        Release canary = Release.canary("r-1", Colour.GREEN, plan, new Baseline(1000, 3, 250_000_000), States.NOON)
                .withSeen(77)
                .paused("why", States.NOON.plusSeconds(60));
        Freeze freeze = new Freeze(States.NOON, States.NOON.plusSeconds(3600), "anna", "holidays");

        for (Release release :
                List.of(canary, canary.resumed(States.NOON.plusSeconds(90)).baking(States.NOON))) {
            Orders orders = Orders.NONE.withRelease(Optional.of(release)).withFreeze(Optional.of(freeze));
            SavedState state = new SavedState(
                    3,
                    Colour.BLUE,
                    Optional.empty(),
                    States.NOON,
                    Optional.of(States.NOON.plusSeconds(7)),
                    orders,
                    List.of(),
                    "1.4.2 at 127.0.0.1:9101",
                    List.of(),
                    List.of(),
                    SavedDrains.NONE);

            assertThat(StateJson.read(StateJson.write(state))).isEqualTo(state);
        }
    }

    @Test
    void editedPoolsComeBackAsTheyWere() throws Exception {
        SavedPool pool = new SavedPool(
                Colour.GREEN,
                new PoolEdit("2.0 \"β\"", "0123"),
                List.of(
                        new SavedPool.SavedBackend(new BackendAddress("::1", 9101), 0),
                        new SavedPool.SavedBackend(new BackendAddress("10.0.0.1", 80), 100)),
                List.of(
                        new NamedBackends(new BackendName("app.internal", 80), 7),
                        new NamedBackends(new BackendName("_http._tcp.app", 0), 1)));
        SavedDrains drained = new SavedDrains(Map.of(
                Colour.GREEN, Set.of(new BackendAddress("10.0.0.1", 80), new BackendAddress("10.0.0.2", 80)),
                Colour.BLUE, Set.of(new BackendAddress("10.0.0.3", 80))));
        SavedName name = new SavedName(
                Colour.GREEN,
                new BackendName("_http._tcp.app", 0),
                List.of(new Found(new BackendAddress("10.0.0.2", 80), 50, 10, "a.app:80")));
        HistoryEntry entry = new HistoryEntry(
                7,
                States.NOON,
                new Actor("a", "b"),
                "backend-add",
                Colour.BLUE,
                Colour.BLUE,
                "",
                HistoryEntry.MADE,
                "[::1]:9101");
        SavedState state = new SavedState(
                7,
                Colour.BLUE,
                Optional.empty(),
                States.NOON,
                Optional.empty(),
                Orders.NONE,
                List.of(entry),
                "",
                List.of(pool, new SavedPool(Colour.BLUE, new PoolEdit("", ""), List.of(), List.of())),
                List.of(name),
                drained);

        assertThat(StateJson.read(StateJson.write(state))).isEqualTo(state);
    }

    @Test
    void drainedBackendsAreReadWhereOlderVersionsWroteThemAndWrittenThereToo() {
        String pool = "[{\"colour\":\"GREEN\",\"version\":\"\",\"definition\":\"\",\"backends\":["
                + "{\"address\":\"10.0.0.1:80\",\"weight\":1,\"drained\":true}],\"drained\":[\"10.0.0.2:80\"]}]";
        JsonMapper mapper = new JsonMapper();
        ArrayNode written = mapper.createArrayNode();

        SavedDrains read = PoolsJson.readDrains(MissingNode.getInstance(), json(pool));
        PoolsJson.write(PoolsJson.read(json(pool)), read, written);

        assertThat(read.of(Colour.GREEN))
                .containsExactlyInAnyOrder(new BackendAddress("10.0.0.1", 80), new BackendAddress("10.0.0.2", 80));
        assertThat(written).hasToString(pool);
    }

    @Test
    void drainedNameOfAnOlderVersionIsPassedOver() {
        JsonNode pools = json("[{\"colour\":\"GREEN\",\"version\":\"\",\"definition\":\"\",\"backends\":["
                + "{\"address\":\"localhost:9101\",\"weight\":1,\"drained\":true},"
                + "{\"address\":\"10.0.0.1:80\",\"weight\":1,\"drained\":true}],\"drained\":[\"localhost:9102\"]}]");
        JsonNode drains = json("{\"BLUE\":[\"localhost:9103\",\"10.0.0.2:80\"]}");

        SavedDrains read = PoolsJson.readDrains(drains, pools);

        assertThat(read.of(Colour.GREEN)).containsExactly(new BackendAddress("10.0.0.1", 80));
        assertThat(read.of(Colour.BLUE)).containsExactly(new BackendAddress("10.0.0.2", 80));
        assertThat(PoolsJson.read(pools).get(0).names())
                .containsExactly(new NamedBackends(new BackendName("localhost", 9101), 1));
    }

    @Test
    void poolThatCannotBeIsNoState() {
        String good = "{\"colour\":\"BLUE\",\"version\":\"\",\"definition\":\"\",\"backends\":[%s]}";
        String backend = "{\"address\":\"10.0.0.1:80\",\"weight\":%d,\"drained\":false}";
        for (String backends : List.of(
                backend.formatted(101), backend.formatted(-1), backend.formatted(1) + "," + backend.formatted(2))) {
            JsonNode pools = json("[" + good.formatted(backends) + "]");

            // What StateJson takes for a state that is none, so that the one before is taken.
            assertThatThrownBy(() -> PoolsJson.read(pools)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static JsonNode json(String text) {
        try {
            return new JsonMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "für \"2.4.1\"\r\n\u0000\u2028", "\uD83D\uDE80", "half a pair \uD83D", "\uDE80 the other"})
    void reasonOfAnyKindComesBackAsItWas(String reason) throws Exception {
        HistoryEntry entry =
                new HistoryEntry(7, States.NOON, new Actor("a", "b"), "drain", Colour.BLUE, Colour.GREEN, reason);
        SavedState state = new SavedState(7, Colour.BLUE, Optional.empty(), States.NOON, Orders.NONE, List.of(entry));

        assertThat(StateJson.read(StateJson.write(state))).isEqualTo(state);
    }

    @Test
    void quotedTextIsOneLineOfAscii() {
        assertThat(StateJson.quoted("a\r\nb\u001b\u0085\u2028\"")).isEqualTo("\"a\\r\\nb\\u001B\\u0085\\u2028\\\"\"");
    }

    @Test
    void contentCutAnywhereIsRefused() {
        byte[] whole = StateJson.write(States.ofRevision(42));

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> StateJson.read(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void noChangeOfASingleByteGivesAnotherState() {
        SavedState state = States.ofRevision(42);
        byte[] whole = StateJson.write(state);

        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            assertThat(readOr(damaged, state)).as("byte %d", at).isEqualTo(state);
        }
    }

    @Test
    void stateOfANewerFormatIsRefusedByName() {
        String newer = new String(StateJson.write(States.ofRevision(1)), UTF_8).replace("\"format\":1", "\"format\":2");

        assertThatThrownBy(() -> StateJson.read(newer.getBytes(UTF_8)))
                .hasMessage("it has format 2, this version of Turnout knows only format 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "{}", "1", "{\"format\":1}", "{\"format\":1,\"crc32c\":\"0\",\"state\":{}}"})
    void otherJsonIsRefused(String json) {
        assertThatThrownBy(() -> StateJson.read(json.getBytes(UTF_8))).isInstanceOf(IOException.class);
    }

    private static SavedState readOr(byte[] content, SavedState refused) {
        try {
            return StateJson.read(content);
        } catch (IOException e) {
            return refused;
        }
    }
}
