package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.proxy.control.MemoryDisk.Crash;
import dev.turnout.proxy.control.MemoryDisk.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation of a save fails, or is the last one before a crash. */
class StateStoreFaultTest {

    private static final Path FILE = Path.of("/state/state.json");
    private static final SavedState OLDER = States.ofRevision(1);
    private static final SavedState OLD = States.ofRevision(2);
    private static final SavedState NEW = States.ofRevision(3);

    @ParameterizedTest
    @EnumSource(names = {"CRASH_BEFORE", "CRASH_AMID", "CRASH_AFTER"})
    void crashAtAnyOperationLeavesTheOldStateOrTheNew(Fault how) throws Exception {
        boolean reached = true;
        for (int operations = 0; reached; operations++) {
            MemoryDisk disk = new MemoryDisk();
            StateStore store = storeWith(disk, OLDER, OLD);
            disk.failAfter(operations, how);

            boolean completed = saveUnlessCrashed(store);

            reached = disk.repair();
            assertThat(reached).isNotEqualTo(completed);
            for (MemoryDisk found : disk.afterCrash()) {
                LoadedState loaded = new StateStore(FILE, found).load();
                assertThat(loaded.problem())
                        .as("after %d operations", operations)
                        .isEmpty();
                assertThat(loaded.state().orElseThrow())
                        .as("after %d operations", operations)
                        .isIn(completed ? List.of(NEW) : List.of(OLD, NEW));
                assertThat(found.has(".tmp")).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REFUSED", "HALF_DONE"})
    void failureOfAnyOperationLeavesTheOldState(Fault how) throws Exception {
        boolean reached = true;
        for (int operations = 0; reached; operations++) {
            MemoryDisk disk = new MemoryDisk();
            StateStore store = storeWith(disk, OLDER, OLD);
            disk.failAfter(operations, how);

            boolean completed = saveUnlessRefused(store);

            reached = disk.repair();
            assertThat(reached).isNotEqualTo(completed);
            assertThat(disk.has(".tmp")).isFalse();
            assertThat(load(disk)).as("after %d operations", operations).contains(completed ? NEW : OLD);
            store.save(NEW);
            assertThat(load(disk)).contains(NEW);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void veryFirstSaveThatFailsLeavesNothing(int operations) throws Exception {
        MemoryDisk disk = new MemoryDisk();
        StateStore store = storeWith(disk);
        disk.failAfter(operations, Fault.REFUSED);

        boolean completed = saveUnlessRefused(store);

        assertThat(load(disk)).isEqualTo(completed ? Optional.of(NEW) : Optional.empty());
    }

    @Test
    void fullDiskIsNamedAndStaysHarmless() throws Exception {
        MemoryDisk disk = new MemoryDisk();
        StateStore store = storeWith(disk, OLD);
        disk.failAlways("No space left on device");

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> store.save(NEW))
                    .isInstanceOf(IOException.class)
                    .hasMessage("No space left on device");
        }

        disk.repair();
        assertThat(load(disk)).contains(OLD);
    }

    private static Optional<SavedState> load(MemoryDisk disk) {
        return new StateStore(FILE, disk).load().state();
    }

    private static StateStore storeWith(MemoryDisk disk, SavedState... states) throws IOException {
        StateStore store = new StateStore(FILE, disk);
        store.load();
        for (SavedState state : states) {
            store.save(state);
        }
        return store;
    }

    private static boolean saveUnlessCrashed(StateStore store) throws IOException {
        try {
            store.save(NEW);
            return true;
        } catch (Crash e) {
            return false;
        }
    }

    private static boolean saveUnlessRefused(StateStore store) {
        try {
            store.save(NEW);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
