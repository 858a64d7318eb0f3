package dev.turnout.proxy.control;

import dev.turnout.proxy.control.Status.StoreStatus;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.routing.RoutingTable;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Thread-safe: the control thread alone writes. The changes that were made, and whether they are on the disk. */
final class Ledger {

    private static final int REFUSED_KEPT = 50;

    private static final Actor SELF = new Actor("turnout", "");

    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private final StateStore store;

    /** What is on the disk, or should be. Written by the control thread alone, read by all. */
    private volatile SavedState saved;

    /** Newest first. Written by the control thread. */
    private volatile List<HistoryEntry> refused = List.of();

    /** Whether {@link #saved} is in force and not on the disk. Control thread only, once there is one. */
    private boolean unsaved;

    /** What stays a problem when that is saved: what was wrong with the file, until a change is saved. Likewise. */
    private Optional<String> problemOfFile;

    /** As in {@link StoreStatus}. Written by the control thread alone, read by all. */
    private volatile Optional<String> problem;

    /**
     * Goes on with {@code loaded}. If that is not a good state, the one of {@code table} is saved, so that a second start
     * goes on with it; a failure of this is a problem to show and stops nothing. So is a table that is a revision on, as the
     * configuration file was in force instead of edits.
     */
    Ledger(StateStore store, LoadedState loaded, RoutingTable table, Instant now) {
        this.store = store;
        SavedState found = loaded.state().orElse(SavedState.first(table, now));
        boolean other = found.revision() != table.revision();
        this.saved = other ? found.after(newerFile(table, now), table) : found;
        this.problemOfFile = loaded.problem();
        this.problem = problemOfFile;
        if (other || loaded.state().isEmpty() || loaded.problem().isPresent()) {
            try {
                store.save(saved);
            } catch (IOException e) {
                unsaved = true;
                String both = loaded.problem().map(text -> text + "; ").orElse("");
                problem = Optional.of(both + failure(saved, e));
            }
        }
    }

    private static HistoryEntry newerFile(RoutingTable table, Instant now) {
        return new HistoryEntry(
                table.revision(),
                now,
                SELF,
                Reload.ACTION,
                table.active(),
                table.active(),
                "at the start the configuration file said something else than when pools were edited");
    }

    /**
     * Notes the change that led to {@code table}. Control thread only.
     *
     * @throws IOException if it is not on the disk; then it is not noted either. The message says why, in words
     */
    void note(HistoryEntry entry, RoutingTable table) throws IOException {
        SavedState next = saved.after(entry, table);
        try {
            store.save(next);
        } catch (IOException e) {
            problem = Optional.of(failure(next, e));
            throw e;
        }
        saved = next;
        problemOfFile = Optional.empty();
        noteSaved();
    }

    private void noteSaved() {
        unsaved = false;
        problem = problemOfFile;
    }

    /** Notes how far the release under way is. A failure is a problem to show and stops nothing. Control thread only. */
    void progress(Release release) {
        keep(saved.withRelease(release));
    }

    /** Notes what the names of that table lead to now, likewise. Control thread only. */
    void named(RoutingTable table) {
        keep(saved.withNames(table));
    }

    private void keep(SavedState next) {
        if (next.equals(saved)) {
            return;
        }
        saved = next;
        try {
            store.save(next);
            problemOfFile = Optional.empty();
            noteSaved();
        } catch (IOException e) {
            unsaved = true;
            problem = Optional.of(failure(next, e));
        }
    }

    /** Goes on with a change that could not be saved and must be made all the same. Control thread only. */
    void noteUnsaved(HistoryEntry entry, RoutingTable table) {
        saved = saved.after(entry, table);
        unsaved = true;
    }

    /** Whether something is in force that is not on the disk. Control thread only. */
    boolean isUnsaved() {
        return unsaved;
    }

    /** Saves what is not on the disk, or leaves it so: the problem is told already. Control thread only. */
    void saveAgain() {
        if (!unsaved) {
            return;
        }
        try {
            store.save(saved);
            noteSaved();
            log.info("routing state: {}: revision {} is saved now", store.file(), saved.revision());
        } catch (IOException e) {
            log.debug("routing state: {}: still not saved", store.file(), e);
        }
    }

    private String failure(SavedState state, IOException e) {
        String text = "revision " + state.revision() + " could not be saved: " + e.getMessage();
        log.error("routing state: {}: {}", store.file(), text);
        return text;
    }

    /** When the active colour became so. */
    Instant activeSince() {
        return saved.activeSince();
    }

    /** What the pool was that lost the traffic last; empty if that is not known. */
    String leftWith() {
        return saved.leftWith();
    }

    /** When the traffic went back; empty if something has moved it since, or it never did. */
    Optional<Instant> wentBack() {
        return saved.wentBack();
    }

    /** Notes a command that changed nothing. Kept in memory alone, the newest of them. Control thread only. */
    void refused(HistoryEntry entry) {
        refused = Stream.concat(Stream.of(entry), refused.stream())
                .limit(REFUSED_KEPT)
                .toList();
    }

    /** Entries of a revision below {@code before}, newest first. */
    List<HistoryEntry> history(int limit, long before) {
        return Stream.concat(refused.stream(), saved.history().stream())
                .filter(entry -> entry.revision() < before)
                .sorted(Comparator.comparingLong(HistoryEntry::revision)
                        .thenComparing(HistoryEntry::at)
                        .reversed())
                .limit(limit)
                .toList();
    }

    StoreStatus status() {
        return new StoreStatus(store.file().toString(), problem);
    }

    /** Lets go of the file. Control thread only. */
    void close() {
        store.close();
    }
}
