package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.mirror.MirrorReport;
import dev.turnout.proxy.observe.ControlObserver;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.release.RecentTraffic;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.InFlight;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.NameLookups;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe. The only writer of the routing table: every change goes through one thread, is checked there, saved, and
 * then published. Stages that this class returns complete on that thread: what depends on them must not block.
 */
public final class ControlPlane implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);

    static final int PENDING_LIMIT = 256;

    /** How often a release is looked at when nothing happens. */
    private static final long RELEASE_MILLIS = 100;

    private static final long PROGRESS_NANOS = 2_000_000_000L;

    /** Between two choices of candidates for reasons of health. */
    private static final long REFRESH_NANOS = 20_000_000L;

    private static final Actor SELF = new Actor("turnout", "");

    /** How long {@link #close} waits for a save that is under way. */
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final Switchboard switchboard;
    private final NameLookups lookups;
    private final Ledger ledger;
    private final TableWriter writer;
    private final Clock clock;
    private final Instant startedAt;
    private final ScheduledThreadPoolExecutor thread;
    private final Waiters waiters;
    private final RecentTraffic traffic;
    private final ReleaseWatch releases;

    /** Whether a look at the release waits for the control thread. Set by event loops, cleared by that thread. */
    private final AtomicBoolean lookPending = new AtomicBoolean();

    /** Control thread only: the looks that are scheduled while there is a release. */
    private @Nullable Future<?> releaseTick;

    /** Control thread only: when the progress of a release was last saved, by {@link System#nanoTime}. */
    private long progressSaved = System.nanoTime();

    private final DrainDeadlines deadlines;
    private final OrderDeadline<HoldOrder> holdDeadline;
    private final OrderDeadline<MirrorOrder> mirrorDeadline;
    private final Mirror mirror;
    private final InFlight inFlight;
    private final DrainPace pace;
    private final Leaving leaving;
    private final SavingAgain saving;
    private final SlowStartBeat slowStart;

    /** Commands that wait for the control thread. Counted up by whoever submits, down by that thread. */
    private final AtomicInteger pending = new AtomicInteger();

    /** Whether a refresh waits for the control thread. Set by whoever tells of health, cleared by that thread. */
    private final AtomicBoolean refreshPending = new AtomicBoolean();

    /** When candidates were last chosen anew, by {@link System#nanoTime}. Written by the control thread. */
    private volatile long refreshedAt = System.nanoTime() - REFRESH_NANOS;

    /** Written by {@link #close}, read by the control thread and by {@link #healthChanged}. */
    private volatile boolean closing;

    /**
     * Takes over the switchboard and the store. If there was no state, or not a good one, saves that of the table in force,
     * so that a second start goes on with it; a failure of this is shown in status and stops nothing.
     *
     * @param store on which {@link StateStore#load} has given {@code loaded}; closed with this
     * @param observers called on the control thread
     */
    public ControlPlane(
            Settings settings,
            Switchboard switchboard,
            StateStore store,
            LoadedState loaded,
            InFlight inFlight,
            List<ControlObserver> observers,
            Evidence evidence,
            Mirror mirror,
            NameLookups lookups,
            Clock clock) {
        this.switchboard = switchboard;
        this.lookups = lookups;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.ledger = new Ledger(store, loaded, switchboard.current(), startedAt);
        this.traffic = new RecentTraffic(evidence);
        this.writer = new TableWriter(
                settings, switchboard, ledger, observers, traffic, new BackendFactory(evidence.workers()), clock);
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "turnout-control");
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
        this.waiters = new Waiters(thread);
        this.deadlines = new DrainDeadlines(switchboard, inFlight, clock, thread);
        this.holdDeadline = new OrderDeadline<>(
                () -> switchboard.current().hold(),
                (order, at) -> order.left(at.instant()),
                clock,
                thread,
                order -> expire(new HoldChange.Expire(order.revision()), order.reason()));
        this.mirrorDeadline = new OrderDeadline<>(
                () -> switchboard.current().mirror(),
                (order, at) -> order.left(at.instant()),
                clock,
                thread,
                order -> expire(new MirrorChange.Expire(order.revision()), order.reason()));
        this.mirror = mirror;
        switchboard.follow(() -> mirror.follow(switchboard.current()));
        this.inFlight = inFlight;
        this.pace = new DrainPace(settings.drain(), switchboard, inFlight, thread, Math::random);
        this.slowStart = new SlowStartBeat(switchboard, thread, writer::refresh);
        switchboard.follow(slowStart::follow);
        this.releases = new ReleaseWatch(evidence);
        this.leaving = new Leaving(
                switchboard, thread, gone -> expire(gone, "nothing is in flight there any more"), this::dropUnnamed);
        this.saving = new SavingAgain(ledger, thread);
        mirror.follow(switchboard.current());
        thread.execute(() -> {
            endHoldOfDeadSwitch();
            follow("");
        });
        long interval = RecentTraffic.INTERVAL.toMillis();
        var unused = thread.scheduleAtFixedRate(traffic::sample, interval, interval, TimeUnit.MILLISECONDS);
        evidence.onBad(this::lookSoon);
    }

    /** A switch under a hold does not outlive the process that was to make it, and nobody is to wait for it. */
    private void endHoldOfDeadSwitch() {
        HoldOrder hold = switchboard.current().hold();
        if (hold != null && hold.switchTo().isPresent()) {
            expire(
                    new HoldChange.Expire(hold.revision()),
                    "the switch to " + hold.switchTo().get().label() + " that it was for has not outlived a restart");
        }
    }

    /** Takes up what was published. Control thread only. */
    private void follow(String how) {
        deadlines.follow();
        holdDeadline.follow();
        mirrorDeadline.follow();
        pace.follow();
        writer.settleNames();
        leaving.changed();
        saving.follow();
        releases.follow(switchboard.current(), clock.instant(), how);
        if (releases.isWatching() && releaseTick == null) {
            releaseTick = thread.scheduleAtFixedRate(
                    this::lookAtRelease, RELEASE_MILLIS, RELEASE_MILLIS, TimeUnit.MILLISECONDS);
        } else if (!releases.isWatching() && releaseTick != null) {
            releaseTick.cancel(false);
            releaseTick = null;
        }
    }

    /** Something went wrong with a request: the judge is to hear of it now. Any thread. */
    private void lookSoon() {
        if (closing || !lookPending.compareAndSet(false, true)) {
            return;
        }
        try {
            thread.execute(() -> {
                lookPending.set(false);
                lookAtRelease();
            });
        } catch (RejectedExecutionException e) {
            log.debug("a request went wrong while shutting down");
        }
    }

    private void lookAtRelease() {
        try {
            for (ReleaseWatch.Next next = nextOfRelease(); next != null; next = nextOfRelease()) {
                ChangeRequest request = new ChangeRequest(
                        next.change(), OptionalLong.empty(), false, next.urgent(), true, next.reason(), SELF);
                try {
                    writer.make(request, next.urgent());
                    follow(next.change().action() + ": " + next.reason());
                    waiters.look();
                } catch (ChangeRefused e) {
                    releases.refused(e);
                    return;
                }
            }
            if (System.nanoTime() - progressSaved >= PROGRESS_NANOS) {
                progressSaved = System.nanoTime();
                releases.unsaved().ifPresent(ledger::progress);
                saving.follow();
            }
        } catch (RuntimeException | Error e) {
            // A task that throws would never run again.
            log.error("the release could not be looked at", e);
        }
    }

    private ReleaseWatch.@Nullable Next nextOfRelease() {
        return closing ? null : releases.next(switchboard.current(), clock.instant());
    }

    /** How the release under way goes, or how the last one ended; empty if there was none since the start. Never blocks. */
    public Optional<ReleaseReport> release() {
        return releases.report();
    }

    /**
     * Makes a change. When the stage completes, the change is on disk and published, and no new lease is granted on a pool
     * that lost traffic.
     *
     * @return fails with {@link ChangeRefused} if the change was not made
     */
    public CompletionStage<ChangeResult> submit(ChangeRequest request) {
        CompletableFuture<ChangeResult> answer = new CompletableFuture<>();
        if (pending.incrementAndGet() > PENDING_LIMIT) {
            pending.decrementAndGet();
            answer.completeExceptionally(refusal(
                    Kind.TOO_MANY_COMMANDS, PENDING_LIMIT + " commands wait for their turn already; try again later"));
            return answer;
        }
        try {
            thread.execute(() -> {
                pending.decrementAndGet();
                carryOut(request, answer);
            });
        } catch (RejectedExecutionException e) {
            pending.decrementAndGet();
            answer.completeExceptionally(shuttingDown());
        }
        return answer;
    }

    /** Whether it is made though it cannot be saved: nobody waits, or stays with a bad version, because a disk is full. */
    private static boolean isUrgent(ChangeRequest request) {
        Change change = request.change();
        return change instanceof HoldChange.Release
                || change instanceof HoldChange.Expire
                || (request.force() && (change instanceof Change.Rollback || change instanceof ReleaseChange.Abort));
    }

    private void carryOut(ChangeRequest request, CompletableFuture<ChangeResult> answer) {
        try {
            if (closing) {
                throw shuttingDown();
            }
            RoutingTable before = switchboard.current();
            ChangeResult result = writer.make(request, isUrgent(request));
            cutGone(before);
            follow(request.change().action() + ": " + request.reason());
            answer.complete(result);
        } catch (ChangeRefused e) {
            if (!request.dryRun() && !request.actor().equals(SELF)) {
                ledger.refused(refusedEntry(request, e));
            }
            answer.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            // Ours or the machine's fault: whoever waits must hear of it, and the control thread lives on.
            // What it is made of may hold secrets.
            log.error(
                    "change failed: {} {}",
                    request.change().action(),
                    StateJson.quoted(request.change().about()),
                    e);
            answer.completeExceptionally(e);
        }
        waiters.look();
    }

    /** Has a command among the refused ones of the history that was refused before it was submitted. */
    public void noteRefused(ChangeRequest request, ChangeRefused why) {
        try {
            thread.execute(() -> ledger.refused(refusedEntry(request, why)));
        } catch (RejectedExecutionException e) {
            log.debug("a command was refused while shutting down");
        }
    }

    /** What was in flight on a backend that is gone is cut; mostly there is nothing. */
    private void cutGone(RoutingTable before) {
        RoutingTable now = switchboard.current();
        if (now.revision() == before.revision()) {
            return;
        }
        Set<Backend> present = new HashSet<>(now.backends());
        for (Backend backend : before.backends()) {
            if (!present.contains(backend) && !backend.isDrained()) {
                inFlight.close(backend);
            }
        }
    }

    /** The oldest in flight on a pool, the oldest first; completes on any thread. */
    public CompletionStage<List<InFlightView>> oldest(Colour colour, int most) {
        return inFlight.oldest(colour, most);
    }

    private HistoryEntry refusedEntry(ChangeRequest request, ChangeRefused why) {
        RoutingTable table = switchboard.current();
        return new HistoryEntry(
                table.revision(),
                clock.instant(),
                request.actor(),
                request.change().action(),
                table.active(),
                request.change().target(table),
                request.reason(),
                "refused: " + why.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                request.change().about());
    }

    /** What the last mirror has found; empty if there was none since the start. Never blocks for long. */
    public Optional<MirrorReport> mirror() {
        return mirror.report();
    }

    /** Tells of each change from now on. */
    public void listen(ChangeListener listener) {
        thread.execute(() -> writer.listen(listener));
    }

    /** Control thread only. What the disk refuses is in the log and in the status already. Returns whether it was made. */
    private boolean expire(Change change, String reason) {
        ChangeRequest request = new ChangeRequest(change, OptionalLong.empty(), false, true, true, reason, SELF);
        CompletableFuture<ChangeResult> answer = new CompletableFuture<>();
        carryOut(request, answer);
        return !answer.isCompletedExceptionally();
    }

    /** The state at this moment; never blocks. */
    public Status status() {
        return StatusReport.of(
                switchboard.current(),
                ledger.activeSince(),
                startedAt,
                ledger.wentBack(),
                ledger.leftWith(),
                ledger.status(),
                inFlight.held(),
                colour -> switchboard.pending(colour).size(),
                lookups,
                clock.instant());
    }

    /**
     * Completes when the revision is above {@code revision} or the time is over, whichever comes first, or at once if too
     * many wait already; never fails.
     */
    public CompletionStage<Status> awaitRevisionAbove(long revision, Duration timeout) {
        return waiters.await(
                () -> switchboard.current().revision() > revision ? Optional.of(status()) : Optional.empty(),
                this::status,
                timeout);
    }

    /**
     * Completes with true when nothing is in flight on a pool that is under an order to drain, with false when the time is
     * over, the order was taken back or too many wait already; never fails.
     */
    public CompletionStage<Boolean> awaitDrained(Colour colour, Duration timeout) {
        return waiters.await(() -> isDrained(colour), () -> false, timeout);
    }

    /**
     * Completes with true when nothing is in flight on a backend that takes no requests by order, or it is not in its pool any
     * more; with false when the time is over, it serves or too many wait already; never fails.
     *
     * @param gone whether only the latter will do
     */
    public CompletionStage<Boolean> awaitBackendEmpty(
            Colour colour, BackendAddress address, boolean gone, Duration timeout) {
        return waiters.await(() -> isEmpty(colour, address, gone), () -> false, timeout);
    }

    /**
     * Completes with true when a name and the backends that it led to are not in that pool any more; with false when the time is
     * over or too many wait already; never fails.
     */
    public CompletionStage<Boolean> awaitNameGone(Colour colour, BackendName name, Duration timeout) {
        return waiters.await(
                () -> switchboard.current().pool(colour).members().stream()
                                .anyMatch(member -> member.name().equals(Optional.of(name)))
                        ? Optional.empty()
                        : Optional.of(true),
                () -> false,
                timeout);
    }

    /** Empty while it is not decided. */
    private Optional<Boolean> isEmpty(Colour colour, BackendAddress address, boolean gone) {
        Optional<Pool.Member> member = PoolMembers.find(switchboard.current().pool(colour), address);
        if (member.isEmpty()) {
            return Optional.of(true);
        }
        if (member.get().duty() == Pool.Duty.SERVING) {
            return Optional.of(false);
        }
        return !gone && member.get().backend().isDrained() ? Optional.of(true) : Optional.empty();
    }

    /**
     * Completes when the duty of a pool ({@link Status.PoolStatus#duty}) is another than {@code not}, or the time is over, with the
     * duty it has then; at once if too many wait already; never fails.
     */
    public CompletionStage<String> awaitDutyOtherThan(Colour colour, String not, Duration timeout) {
        return waiters.await(
                () -> Optional.of(status().pool(colour).duty()).filter(duty -> !duty.equals(not)),
                () -> status().pool(colour).duty(),
                timeout);
    }

    /**
     * Completes with true when no request is in flight on the active pool under that hold, tunnels not counted, so that none
     * is until the hold ends; with false when the time is over, the hold has ended or too many wait already; never fails.
     *
     * @param hold its revision
     */
    public CompletionStage<Boolean> awaitIdle(long hold, Duration timeout) {
        return waiters.await(() -> isIdle(hold), () -> false, timeout);
    }

    /** Empty while it is not decided. */
    private Optional<Boolean> isIdle(long hold) {
        RoutingTable table = switchboard.current();
        HoldOrder standing = table.hold();
        if (standing == null || standing.revision() != hold || standing.hasPassed(clock.instant())) {
            return Optional.of(false);
        }
        return table.pool(table.active()).exchanges() == 0 ? Optional.of(true) : Optional.empty();
    }

    /** Empty while it is not decided. */
    private Optional<Boolean> isDrained(Colour colour) {
        RoutingTable table = switchboard.current();
        if (table.drain(colour).isEmpty()) {
            return Optional.of(false);
        }
        return table.pool(colour).isDrained() ? Optional.of(true) : Optional.empty();
    }

    /**
     * Changes made, newest first, at most 200 are kept; and among them the last 50 commands that were refused since the start.
     *
     * @param before only entries of a revision below this
     */
    public List<HistoryEntry> history(int limit, long before) {
        return ledger.history(limit, before);
    }

    /**
     * Tells that the health of some backend changed, so that candidates are chosen anew; uses no revision. At once, unless that was done a
     * moment ago: many backends that change one after the other must not keep the control thread from commands.
     */
    public void healthChanged() {
        if (closing || !refreshPending.compareAndSet(false, true)) {
            return;
        }
        long due = REFRESH_NANOS - (System.nanoTime() - refreshedAt);
        try {
            thread.schedule(this::refresh, Math.max(0, due), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("health changed while shutting down");
        }
    }

    /** Control thread only. */
    private void refresh() {
        refreshedAt = System.nanoTime();
        // First, so that health which changes from here on asks for another round.
        refreshPending.set(false);
        writer.refresh();
        leaving.follow();
    }

    /** Completes when all that was told until now is in force, or this ends; never fails. */
    public CompletionStage<Void> settled() {
        try {
            return CompletableFuture.runAsync(this::refresh, thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /**
     * A name of backends was found to lead to these, which is the whole of its answer; a name that is in that pool no more is passed
     * over. No change: it uses no revision, and is saved so that a start without a name server goes on with it.
     */
    public void found(Colour colour, BackendName name, List<Found> found) {
        if (closing) {
            return;
        }
        try {
            thread.execute(() -> {
                if (writer.found(colour, name, found)) {
                    leaving.follow();
                    saving.follow();
                    waiters.look();
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("a name was looked up while shutting down");
        }
    }

    /** Control thread only. */
    private void dropUnnamed() {
        writer.dropUnnamed();
        waiters.look();
    }

    private ChangeRefused shuttingDown() {
        return refusal(Kind.SHUTTING_DOWN, "Turnout is shutting down");
    }

    private ChangeRefused refusal(Kind kind, String detail) {
        return new ChangeRefused(kind, detail, switchboard.current().revision());
    }

    /** Refuses further changes, ends the control thread after the one in hand, and lets go of the state file. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.execute(this::end);
        } catch (RejectedExecutionException e) {
            return;
        }
        try {
            if (!thread.awaitTermination(END_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                log.warn(
                        "the control thread has not ended, a save may be stuck: {}",
                        ledger.status().file());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        deadlines.close();
        holdDeadline.close();
        mirrorDeadline.close();
        pace.close();
        leaving.close();
        slowStart.close();
        waiters.close();
        saving.close();
        ledger.close();
        // Commands that got into the queue after this one are still run, and refused.
        thread.shutdown();
    }
}
