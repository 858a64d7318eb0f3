package dev.turnout.admin;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendLimits;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.ConfigReload;
import dev.turnout.proxy.control.ConfigStatus;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.control.ReleaseReport;
import dev.turnout.proxy.control.RollbackReadiness;
import dev.turnout.proxy.control.Status;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.DrainStatus;
import dev.turnout.proxy.control.Status.NameStatus;
import dev.turnout.proxy.control.Status.PoolStatus;
import dev.turnout.proxy.control.Status.StoreStatus;
import dev.turnout.proxy.control.WarmUpPlan;
import dev.turnout.proxy.mirror.MirrorReport;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.NameLookups.Lookup;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.WarmUpReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A control plane that does what the test says, and remembers what it was asked. */
final class FakeControl implements Control {

    static final Instant T0 = Instant.parse("2026-01-02T03:04:05.678Z");
    static final BackendName NAME = new BackendName("app.internal", 9101);

    final List<ChangeRequest> submitted = new ArrayList<>();
    final List<CompletableFuture<Status>> revisionWaits = new ArrayList<>();
    final List<CompletableFuture<Boolean>> drainWaits = new ArrayList<>();
    /** What waits for a backend to be gone, or empty, are told. */
    CompletableFuture<Boolean> leaves = CompletableFuture.completedFuture(false);

    final List<Duration> timeouts = new ArrayList<>();
    List<HistoryEntry> history = List.of();
    Optional<MirrorReport> mirror = Optional.empty();
    Optional<ConfigStatus> config = Optional.empty();
    WarmUpPlan warmUpPlan = new WarmUpPlan(0, 0, 0, false, false);
    final List<CompletableFuture<WarmUpReport>> warmUps = new ArrayList<>();
    final List<ChangeRefused> refusals = new ArrayList<>();
    CompletableFuture<ChangeResult> next =
            CompletableFuture.completedFuture(new ChangeResult(true, false, Colour.BLUE, Colour.GREEN, 43, 1_234_567));
    Status status = status(42, pool(Colour.BLUE, 2, 0, null), pool(Colour.GREEN, 2, 0, null));

    static Status status(long revision, PoolStatus blue, PoolStatus green) {
        StoreStatus store = new StoreStatus("data/state.json", Optional.empty());
        return new Status(
                revision,
                Colour.BLUE,
                Optional.empty(),
                "steady",
                T0,
                T0,
                blue,
                green,
                store,
                false,
                Optional.empty(),
                Optional.empty(),
                new RollbackReadiness(RollbackReadiness.State.IMPOSSIBLE, Optional.empty(), "there was no switch yet"),
                Optional.empty(),
                Optional.empty());
    }

    static PoolStatus pool(Colour colour, int usable, long exchanges, DrainOrder order) {
        BackendStatus checked = new BackendStatus(
                new BackendAddress("127.0.0.1", 9101),
                1,
                Pool.Duty.SERVING,
                3,
                exchanges,
                0,
                new HealthView(true, T0, T0, 3, 200, "/a", "ok", "200", "GET http://127.0.0.1:9999/a", 1, 3),
                Optional.of(new Ejection(T0, T0.plusSeconds(30), 1, "5 failures in a row, the last: connect")),
                OptionalInt.of(10),
                Map.of(FailureKind.CONNECT, 5L),
                2,
                Optional.of(NAME),
                7,
                true);
        BackendStatus unchecked = new BackendStatus(
                new BackendAddress("::1", 9102),
                2,
                Pool.Duty.DRAINED,
                0,
                0,
                0,
                HealthView.UNKNOWN,
                Optional.empty(),
                OptionalInt.empty(),
                Map.of(),
                0,
                Optional.empty(),
                0,
                true);
        String drainState = exchanges > 0 ? "draining" : "drained";
        return new PoolStatus(
                colour,
                colour == Colour.BLUE ? "active" : "idle",
                "1.4.2",
                colour == Colour.GREEN,
                1,
                usable,
                2,
                false,
                colour == Colour.GREEN,
                4,
                new BackendLimits(6, 8, 100, Duration.ofSeconds(1)),
                exchanges,
                0,
                Optional.ofNullable(order).map(given -> new DrainStatus(given, drainState)),
                List.of(checked, unchecked),
                List.of(new NameStatus(
                        new NamedBackends(NAME, 1),
                        1,
                        Optional.of(new Lookup(
                                T0, Instant.EPOCH, T0.plusSeconds(5), Optional.of("no name server answered"))))));
    }

    /** The same, of which all backends are used as so few are usable. */
    static PoolStatus inPanic(PoolStatus pool) {
        return new PoolStatus(
                pool.colour(),
                pool.role(),
                pool.version(),
                pool.edited(),
                pool.healthy(),
                pool.usable(),
                pool.total(),
                true,
                pool.keepsUsers(),
                pool.pending(),
                pool.limits(),
                pool.exchanges(),
                pool.tunnels(),
                pool.drain(),
                pool.backends(),
                pool.names());
    }

    static DrainOrder order(Colour colour) {
        return new DrainOrder(colour, T0, T0.plusSeconds(300), DrainOrder.OnDeadline.CLOSE_IDLE);
    }

    void refuse(ChangeRefused.Kind kind) {
        next = CompletableFuture.failedFuture(new ChangeRefused(kind, "because of the test", 42));
    }

    @Override
    public CompletableFuture<ChangeResult> submit(ChangeRequest request) {
        submitted.add(request);
        return next;
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public CompletableFuture<Status> awaitRevisionAbove(long revision, Duration timeout) {
        timeouts.add(timeout);
        revisionWaits.add(new CompletableFuture<>());
        return revisionWaits.get(revisionWaits.size() - 1);
    }

    @Override
    public CompletableFuture<Boolean> awaitBackendEmpty(
            Colour colour, BackendAddress address, boolean gone, Duration timeout) {
        timeouts.add(timeout);
        return leaves;
    }

    @Override
    public CompletableFuture<Boolean> awaitNameGone(Colour colour, BackendName name, Duration timeout) {
        timeouts.add(timeout);
        return leaves;
    }

    @Override
    public CompletableFuture<ConfigReload.Outcome> reload(ConfigReload.Order order) {
        return CompletableFuture.failedFuture(new Problem(ProblemType.NO_CONFIG_FILE, "no file"));
    }

    @Override
    public Optional<ConfigStatus> config() {
        return config;
    }

    @Override
    public CompletableFuture<Boolean> awaitDrained(Colour colour, Duration timeout) {
        timeouts.add(timeout);
        drainWaits.add(new CompletableFuture<>());
        return drainWaits.get(drainWaits.size() - 1);
    }

    @Override
    public List<HistoryEntry> history(int limit, long before) {
        Stream<HistoryEntry> older = history.stream().filter(entry -> entry.revision() < before);
        return older.limit(limit).toList();
    }

    @Override
    public Optional<ReleaseReport> release() {
        return Optional.empty();
    }

    @Override
    public Optional<MirrorReport> mirror() {
        return mirror;
    }

    @Override
    public WarmUpPlan warmUpPlan(Colour colour) {
        return warmUpPlan;
    }

    @Override
    public CompletableFuture<WarmUpReport> warmUp(Colour colour) {
        warmUps.add(new CompletableFuture<>());
        return warmUps.get(warmUps.size() - 1);
    }

    @Override
    public void noteRefused(ChangeRequest request, ChangeRefused why) {
        refusals.add(why);
    }

    @Override
    public CompletableFuture<String> awaitDutyOtherThan(Colour colour, String not, Duration timeout) {
        timeouts.add(timeout);
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Boolean> awaitIdle(long hold, Duration timeout) {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<List<InFlightView>> oldest(Colour colour, int most) {
        return CompletableFuture.completedFuture(
                List.of(new InFlightView("websocket", 90_000, "192.0.2.7", "127.0.0.1:9101", "GET", "/chat", 12, 345)));
    }
}
