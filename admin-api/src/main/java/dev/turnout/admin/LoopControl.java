package dev.turnout.admin;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.ConfigReload;
import dev.turnout.proxy.control.ConfigStatus;
import dev.turnout.proxy.control.ControlPlane;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.control.ReleaseReport;
import dev.turnout.proxy.control.Status;
import dev.turnout.proxy.control.WarmUpPlan;
import dev.turnout.proxy.control.WarmUps;
import dev.turnout.proxy.mirror.MirrorReport;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.WarmUpReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Confined to one event loop. The control plane with its answers brought over from the control thread. */
final class LoopControl implements Control {

    private final ControlPlane plane;
    private final Optional<ConfigReload> reload;
    private final WarmUps warmUps;
    private final Executor loop;

    LoopControl(ControlPlane plane, Optional<ConfigReload> reload, WarmUps warmUps, Executor loop) {
        this.plane = plane;
        this.reload = reload;
        this.warmUps = warmUps;
        this.loop = loop;
    }

    @Override
    public CompletableFuture<ChangeResult> submit(ChangeRequest request) {
        return brought(plane.submit(request));
    }

    @Override
    public Status status() {
        return plane.status();
    }

    @Override
    public CompletableFuture<Status> awaitRevisionAbove(long revision, Duration timeout) {
        return awaited(plane.awaitRevisionAbove(revision, timeout).toCompletableFuture());
    }

    @Override
    public CompletableFuture<Boolean> awaitDrained(Colour colour, Duration timeout) {
        return awaited(plane.awaitDrained(colour, timeout).toCompletableFuture());
    }

    @Override
    public CompletableFuture<String> awaitDutyOtherThan(Colour colour, String not, Duration timeout) {
        return awaited(plane.awaitDutyOtherThan(colour, not, timeout).toCompletableFuture());
    }

    @Override
    public CompletableFuture<Boolean> awaitIdle(long hold, Duration timeout) {
        return awaited(plane.awaitIdle(hold, timeout).toCompletableFuture());
    }

    @Override
    public CompletableFuture<List<InFlightView>> oldest(Colour colour, int most) {
        return brought(plane.oldest(colour, most));
    }

    @Override
    public CompletableFuture<Boolean> awaitBackendEmpty(
            Colour colour, BackendAddress address, boolean gone, Duration timeout) {
        return awaited(plane.awaitBackendEmpty(colour, address, gone, timeout).toCompletableFuture());
    }

    @Override
    public CompletableFuture<Boolean> awaitNameGone(Colour colour, BackendName name, Duration timeout) {
        return awaited(plane.awaitNameGone(colour, name, timeout).toCompletableFuture());
    }

    @Override
    public CompletableFuture<ConfigReload.Outcome> reload(ConfigReload.Order order) {
        return reload.isPresent()
                ? brought(reload.get().reload(order))
                : CompletableFuture.failedFuture(
                        new Problem(ProblemType.NO_CONFIG_FILE, "start it with: turnout run --config FILE"));
    }

    @Override
    public Optional<ConfigStatus> config() {
        return reload.map(ConfigReload::status);
    }

    @Override
    public List<HistoryEntry> history(int limit, long before) {
        return plane.history(limit, before);
    }

    @Override
    public Optional<ReleaseReport> release() {
        return plane.release();
    }

    @Override
    public Optional<MirrorReport> mirror() {
        return plane.mirror();
    }

    @Override
    public WarmUpPlan warmUpPlan(Colour colour) {
        return warmUps.plan(colour);
    }

    @Override
    public CompletableFuture<WarmUpReport> warmUp(Colour colour) {
        return brought(warmUps.warmUp(colour));
    }

    @Override
    public void noteRefused(ChangeRequest request, ChangeRefused why) {
        plane.noteRefused(request, why);
    }

    private <T> CompletableFuture<T> awaited(CompletableFuture<T> there) {
        CompletableFuture<T> here = brought(there);
        here.whenComplete((value, failure) -> there.cancel(false));
        return here;
    }

    private <T> CompletableFuture<T> brought(CompletionStage<T> there) {
        return there.thenApplyAsync(Function.identity(), loop).toCompletableFuture();
    }
}
