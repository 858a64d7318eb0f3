package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was made although the disk was full, on a thread whose time the test tells. */
class SavingAgainTest {

    private static final Path FILE = Path.of("/state/state.json");

    private final Later thread = new Later();
    private final MemoryDisk disk = new MemoryDisk();
    private final StateStore store = new StateStore(FILE, disk);
    private final Ledger ledger = new Ledger(store, store.load(), table(1, Colour.GREEN), States.NOON);
    private final SavingAgain saving = new SavingAgain(ledger, thread);

    @AfterEach
    void close() {
        thread.shutdownNow();
    }

    private static RoutingTable table(long revision, Colour active) {
        return new RoutingTable(
                revision, active, Optional.of(active.other()), pool(Colour.BLUE), pool(Colour.GREEN), Orders.NONE);
    }

    private static Pool pool(Colour colour) {
        Backend backend = new Backend(colour, new BackendAddress("127.0.0.1", 9000), 1);
        return new Pool(colour, "", BalancerKind.LEAST_REQUESTS, List.of(new Pool.Member(backend, 1)));
    }

    private void rollBackUnsaved() {
        disk.failAlways("No space left on device");
        RoutingTable back = table(2, Colour.BLUE);
        HistoryEntry entry = new HistoryEntry(
                2, States.NOON, ControlFixture.ACTOR, ReleaseChange.AUTO_ROLLBACK, Colour.GREEN, Colour.BLUE, "judge");
        try {
            ledger.note(entry, back);
        } catch (IOException e) {
            ledger.noteUnsaved(entry, back);
        }
        saving.follow();
    }

    private Optional<String> problem() {
        return ledger.status().problem();
    }

    @Test
    void changeThatCouldNotBeSavedIsSavedWhenTheDiskTakesIt() {
        rollBackUnsaved();
        saving.follow();
        thread.runLast();
        assertThat(problem()).get().asString().contains("revision 2 could not be saved: ", "No space left on device");

        disk.repair();
        thread.runLast();

        assertThat(problem()).isEmpty();
        assertThat(thread.delays()).containsExactly(1000L, 1000L);
        assertThat(new StateStore(FILE, disk).load().state())
                .hasValueSatisfying(state -> assertThat(state.active()).isEqualTo(Colour.BLUE));
    }

    @Test
    void endIsTheLastChance() {
        rollBackUnsaved();
        disk.repair();

        saving.close();

        assertThat(problem()).isEmpty();
        assertThat(new StateStore(FILE, disk).load().state())
                .hasValueSatisfying(state -> assertThat(state.revision()).isEqualTo(2));
    }

    @Test
    void nothingIsTriedWhileAllIsSaved() {
        saving.follow();

        assertThat(thread.delays()).isEmpty();
    }
}
