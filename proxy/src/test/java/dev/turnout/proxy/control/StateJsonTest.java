package dev.turnout.proxy.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.Orders;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    void maintenanceOutlivesARestartAndIsNotInFilesOfOlderVersions() throws Exception {
        SavedState on = new SavedState(
                3, Colour.BLUE, Optional.empty(), States.NOON, Orders.NONE.withMaintenance(true), List.of());
        SavedState off = new SavedState(3, Colour.BLUE, Optional.empty(), States.NOON, Orders.NONE, List.of());

        assertThat(StateJson.read(StateJson.write(on))).isEqualTo(on);
        assertThat(StateJson.read(StateJson.write(off))).isEqualTo(off);
        assertThat(new String(StateJson.write(off), UTF_8)).doesNotContain("maintenance");
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
