package dev.turnout.proxy.control;

import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.observe.ControlObserver;
import dev.turnout.proxy.release.RecentTraffic;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to the control thread. Makes one change after the other: checks it, saves it, publishes it, tells of it. */
final class TableWriter {

    private static final Logger log = LoggerFactory.getLogger(TableWriter.class);

    /** Addresses of one answer in the log. */
    private static final int MOST_TOLD = 10;

    private final Settings settings;
    private final Switchboard switchboard;
    private final Ledger ledger;
    private final List<ControlObserver> observers;
    private final Clock clock;
    /** Control thread only. */
    private final List<ChangeListener> listeners = new ArrayList<>();

    private final RecentTraffic traffic;
    private final BackendFactory backends;

    TableWriter(
            Settings settings,
            Switchboard switchboard,
            Ledger ledger,
            List<ControlObserver> observers,
            RecentTraffic traffic,
            BackendFactory backends,
            Clock clock) {
        this.settings = settings;
        this.switchboard = switchboard;
        this.ledger = ledger;
        this.observers = List.copyOf(observers);
        this.traffic = traffic;
        this.backends = backends;
        this.clock = clock;
    }

    /** Tells of each change from now on. */
    void listen(ChangeListener listener) {
        listeners.add(listener);
    }

    /**
     * Makes a change: when this returns, it is on disk and published.
     *
     * @throws ChangeRefused if it was not made, and nothing is different from before
     */
    ChangeResult make(ChangeRequest request) throws ChangeRefused {
        return make(request, false);
    }

    /** @param urgent whether it is made even if it cannot be saved: a bad version must not keep its users for that */
    ChangeResult make(ChangeRequest request, boolean urgent) throws ChangeRefused {
        long start = System.nanoTime();
        Instant now = clock.instant();
        // The health of this moment, not that of the last table, says whether a pool is usable.
        RoutingTable before = switchboard.current().refreshed();
        checkRevision(request, before);
        RoutingTable after = request.change().applyTo(before, conditions(request, now));
        boolean changed = after.revision() != before.revision();
        if (changed && !request.dryRun()) {
            HistoryEntry entry = entry(request, before, after, now);
            save(entry, after, urgent);
            publish(after);
            announce(entry, after.active(), after.active() != before.active());
            tellIfUnusable(before, after);
        }
        return new ChangeResult(
                changed,
                request.dryRun(),
                before.active(),
                after.active(),
                request.dryRun() ? before.revision() : after.revision(),
                System.nanoTime() - start,
                request.change().isGated() && moves(before, after)
                        ? Optional.of(SwitchGate.of(before, request.change().target(before)))
                        : Optional.empty());
    }

    /** Whether the traffic has moved, or begins to. */
    private static boolean moves(RoutingTable before, RoutingTable after) {
        return after.active() != before.active() || (before.release() == null && after.release() != null);
    }

    /** Publishes the table in force with candidates chosen anew by the health of this moment, if any differs; uses no revision. */
    void refresh() {
        RoutingTable before = switchboard.current();
        RoutingTable refreshed = before.refreshed();
        RoutingTable after = NamedPools.settled(refreshed, backends);
        publishSettled(refreshed, after);
        tellIfUnusable(before, after);
    }

    /** However it came about, by health or by a command. */
    private static void tellIfUnusable(RoutingTable before, RoutingTable after) {
        if (isServed(before) && !isServed(after)) {
            log.error(
                    "{} is active and has no usable backend left: requests are answered with 503",
                    after.active().label());
        }
    }

    /**
     * Publishes the table in force with what a name was found to lead to; uses no revision, as it is no command, and tells
     * whether anything differs.
     */
    boolean found(Colour colour, BackendName name, List<Found> found) {
        RoutingTable before = switchboard.current();
        RoutingTable after = NamedPools.settled(NamedPools.found(before, colour, name, found), backends);
        if (after.equals(before)) {
            return false;
        }
        publish(after);
        ledger.named(after);
        log.info("{}: {} leads to {} now", colour.label(), name, told(found));
        return true;
    }

    private static String told(List<Found> found) {
        String first = found.stream()
                .limit(MOST_TOLD)
                .map(each -> each.address().toString())
                .collect(Collectors.joining(", "));
        int others = found.size() - MOST_TOLD;
        return found.isEmpty() ? "no address" : others > 0 ? first + " and " + others + " others" : first;
    }

    /** Has those leave that no name leads to any more, if their pool can do without them since the last change. */
    void settleNames() {
        RoutingTable before = switchboard.current();
        publishSettled(before, NamedPools.settled(before, backends));
    }

    /** Takes those out of the table that a name had led to and that are drained. */
    void dropUnnamed() {
        RoutingTable before = switchboard.current();
        publishSettled(before, NamedPools.withoutDrained(before));
    }

    /** @param healthy differs from the one in force by health alone, which is not saved */
    private void publishSettled(RoutingTable healthy, RoutingTable next) {
        publishIfOther(next);
        if (!next.equals(healthy)) {
            ledger.named(next);
        }
    }

    private void publishIfOther(RoutingTable next) {
        if (!next.equals(switchboard.current())) {
            publish(next);
        }
    }

    private void publish(RoutingTable next) {
        RoutingTable before = switchboard.current();
        switchboard.publish(next);
        for (Colour colour : Colour.values()) {
            tellOfPanic(before.pool(colour), next.pool(colour));
        }
    }

    private static void tellOfPanic(Pool before, Pool after) {
        if (!before.isInPanic() && after.isInPanic()) {
            log.error(
                    "{} is in panic: {} of {} backends are usable, so requests go to all of them",
                    after.colour().label(),
                    after.usable(),
                    after.members().size());
        } else if (before.isInPanic() && !after.isInPanic()) {
            log.info(
                    "{} is in panic no more: requests go to the {} usable of {} backends",
                    after.colour().label(),
                    after.usable(),
                    after.members().size());
        }
    }

    private static boolean isServed(RoutingTable table) {
        Pool active = table.pool(table.active());
        return active.usable() > 0 || active.isInPanic();
    }

    private static void checkRevision(ChangeRequest request, RoutingTable table) throws ChangeRefused {
        long expected = request.expectedRevision().orElse(table.revision());
        if (expected != table.revision()) {
            throw new ChangeRefused(
                    Kind.REVISION_MISMATCH,
                    (expected < 0 ? "a revision that Turnout never has" : "revision " + expected) + " was expected, "
                            + table.revision()
                            + " is in force; look at what changed, then try again",
                    table.revision());
        }
    }

    private Conditions conditions(ChangeRequest request, Instant now) {
        return new Conditions(
                now,
                ledger.activeSince(),
                ledger.wentBack(),
                ledger.leftWith(),
                settings.timeouts().drain(),
                settings.switchGuard(),
                request.force(),
                request.repeatable(),
                backends,
                settings.switchGate(),
                traffic.of(switchboard.current().active()));
    }

    private static HistoryEntry entry(ChangeRequest request, RoutingTable before, RoutingTable after, Instant now) {
        Change change = request.change();
        return new HistoryEntry(
                after.revision(),
                now,
                request.actor(),
                change.action(),
                before.active(),
                change.target(before),
                request.reason(),
                HistoryEntry.MADE,
                change.about());
    }

    private void save(HistoryEntry entry, RoutingTable after, boolean urgent) throws ChangeRefused {
        try {
            ledger.note(entry, after);
        } catch (IOException e) {
            if (urgent) {
                ledger.noteUnsaved(entry, after);
                return;
            }
            throw new ChangeRefused(
                    Kind.STATE_NOT_SAVED,
                    "nothing was changed, traffic goes on as before: the routing state could not be saved in "
                            + ledger.status().file() + ": " + e.getMessage(),
                    switchboard.current().revision());
        }
    }

    private void announce(HistoryEntry entry, Colour active, boolean switched) {
        String place =
                ActionPlace.of(entry.action(), entry.from().label(), entry.to().label());
        log.info(
                "change: {}{}{}, revision {}, by {} from {}, reason {}",
                entry.action(),
                entry.about().isEmpty() ? "" : " " + StateJson.quoted(entry.about()),
                place.isEmpty() ? "" : " " + place,
                entry.revision(),
                StateJson.quoted(entry.actor().name()),
                StateJson.quoted(entry.actor().remoteAddress()),
                StateJson.quoted(entry.reason()));
        for (ChangeListener listener : listeners) {
            try {
                listener.changed(entry, active);
            } catch (RuntimeException e) {
                log.error("listener failed, the change stands", e);
            }
        }
        if (!switched) {
            return;
        }
        for (ControlObserver observer : observers) {
            try {
                observer.switched(active, kind(entry.action()));
            } catch (RuntimeException e) {
                log.error("observer failed, the change stands", e);
            }
        }
    }

    /** What it is counted as: it is the same to users whether traffic moved at once or by the end of a canary. */
    private static String kind(String action) {
        return switch (action) {
            case ReleaseChange.PROMOTE -> "switch";
            case ReleaseChange.ABORT -> Change.Rollback.ACTION;
            default -> action;
        };
    }
}
