package dev.turnout.proxy.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state file on a real file system. */
class StateStoreTest {

    private static final SavedState OLD = States.ofRevision(1);
    private static final SavedState NEW = States.ofRevision(2);

    @TempDir
    private Path folder;

    private Path file;
    private Path prev;

    @BeforeEach
    void nameFiles() {
        file = folder.resolve("data/state.json");
        prev = folder.resolve("data/state.json.prev");
    }

    @Test
    void firstStartFindsNothingAndNothingWrong() {
        LoadedState loaded = load();

        assertThat(loaded.state()).isEmpty();
        assertThat(loaded.problem()).isEmpty();
    }

    @Test
    void secondStartFindsWhatWasSavedLast() throws Exception {
        save(OLD, NEW);

        LoadedState loaded = load();

        assertThat(loaded.state()).contains(NEW);
        assertThat(loaded.problem()).isEmpty();
    }

    @Test
    void filesAndFolderAreForTheirOwnerAlone() throws Exception {
        save(OLD, NEW);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).hasSize(3).allSatisfy(each -> assertThat(
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                    .isEqualTo("rw-------"));
        }
    }

    @Test
    void corruptFileIsPutAsideAndThePreviousStateIsUsedLoudly() throws Exception {
        save(OLD, NEW);
        Files.writeString(file, "half a sta");

        LoadedState loaded = load();

        assertThat(loaded.state()).contains(OLD);
        assertThat(loaded.problem())
                .get()
                .asString()
                .contains(file + " cannot be used", "it is now " + file + ".corrupt")
                .contains("revision 1 from " + prev + " is in force");
        assertThat(folder.resolve("data/state.json.corrupt")).hasContent("half a sta");
        assertThat(file).doesNotExist();
    }

    @Test
    void missingFileIsLoudWhenThereIsAPreviousOne() throws Exception {
        save(OLD, NEW);
        Files.delete(file);

        LoadedState loaded = load();

        assertThat(loaded.state()).contains(OLD);
        assertThat(loaded.problem()).get().asString().contains(file + " is missing");
    }

    @Test
    void twoCorruptFilesLeaveItToTheSettings() throws Exception {
        save(OLD, NEW);
        Files.writeString(file, "");
        Files.writeString(prev, "{}");

        LoadedState loaded = load();

        assertThat(loaded.state()).isEmpty();
        assertThat(loaded.problem()).get().asString().endsWith("the settings decide which colour is active");
    }

    @Test
    void corruptFilesArePutAsideSideBySide() throws Exception {
        save(OLD, NEW);
        Files.writeString(file, "first");
        load();
        Files.writeString(file, "second");
        load();

        assertThat(folder.resolve("data/state.json.corrupt")).hasContent("first");
        assertThat(folder.resolve("data/state.json.corrupt-2")).hasContent("second");
    }

    @Test
    void stateOfANewerVersionIsKeptForIt() throws Exception {
        save(OLD);
        String newer = Files.readString(file).replace("\"format\":1", "\"format\":2");
        Files.writeString(file, newer);

        try (StateStore store = new StateStore(file)) {
            LoadedState loaded = store.load();
            store.save(NEW);

            assertThat(loaded.state()).isEmpty();
            assertThat(loaded.problem()).get().asString().contains("it has format 2");
        }
        assertThat(folder.resolve("data/state.json.corrupt")).hasContent(newer);
        assertThat(load().state()).contains(NEW);
    }

    @Test
    void saveAfterAFallbackLeavesTheGoodStateAsPrevious() throws Exception {
        save(OLD, NEW);
        Files.writeString(file, "damaged");

        save(States.ofRevision(3));

        assertThat(StateJson.read(Files.readAllBytes(file))).isEqualTo(States.ofRevision(3));
        assertThat(StateJson.read(Files.readAllBytes(prev))).isEqualTo(OLD);
    }

    @Test
    void leftoversOfASaveAreRemoved() throws Exception {
        save(OLD);
        Path temp = Files.write(folder.resolve("data/state.json.tmp"), "half".getBytes(UTF_8));
        Path prevTemp = Files.write(folder.resolve("data/state.json.prev.tmp"), "half".getBytes(UTF_8));

        LoadedState loaded = load();

        assertThat(loaded.problem()).isEmpty();
        assertThat(temp).doesNotExist();
        assertThat(prevTemp).doesNotExist();
    }

    @Test
    void secondOneOnTheSameFileIsTurnedAwayUntilTheFirstLetsGo() {
        StateStore first = new StateStore(file);
        first.load();

        try (StateStore second = new StateStore(file)) {
            assertThatThrownBy(second::load)
                    .isInstanceOf(StateInUseException.class)
                    .hasMessageContaining("in use by another Turnout")
                    .hasMessageContaining("state.json.lock");
        }

        first.close();
        assertThat(load().problem()).isEmpty();
    }

    @Test
    void folderThatCannotBeMadeStopsNoStartButEverySave() throws Exception {
        Files.writeString(folder.resolve("data"), "a file where the folder should be");

        try (StateStore store = new StateStore(file)) {
            LoadedState loaded = store.load();

            assertThat(loaded.state()).isEmpty();
            assertThat(loaded.problem()).get().asString().startsWith("changes may not be possible");
            assertThatThrownBy(() -> store.save(NEW)).isInstanceOf(IOException.class);
        }
    }

    private LoadedState load() {
        try (StateStore store = new StateStore(file)) {
            return store.load();
        }
    }

    private void save(SavedState... states) throws IOException {
        try (StateStore store = new StateStore(file)) {
            store.load();
            for (SavedState state : states) {
                store.save(state);
            }
        }
    }
}
