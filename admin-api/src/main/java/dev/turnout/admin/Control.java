package dev.turnout.admin;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.ConfigReload;
import dev.turnout.proxy.control.ConfigStatus;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.control.ReleaseReport;
import dev.turnout.proxy.control.Status;
import dev.turnout.proxy.control.WarmUpPlan;
import dev.turnout.proxy.mirror.MirrorReport;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.WarmUpReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Confined to one event loop. What the admin API needs of {@link dev.turnout.proxy.control.ControlPlane} and {@link
 * dev.turnout.proxy.control.WarmUps}, method by method, with futures that complete on the event loop of the admin API. Who completes the future of a wait ends the wait.
 */
interface Control {

    CompletableFuture<ChangeResult> submit(ChangeRequest request);

    Status status();

    CompletableFuture<Status> awaitRevisionAbove(long revision, Duration timeout);

    CompletableFuture<String> awaitDutyOtherThan(Colour colour, String not, Duration timeout);

    CompletableFuture<Boolean> awaitIdle(long hold, Duration timeout);

    CompletableFuture<Boolean> awaitBackendEmpty(Colour colour, BackendAddress address, boolean gone, Duration timeout);

    CompletableFuture<Boolean> awaitNameGone(Colour colour, BackendName name, Duration timeout);

    /** Fails with a {@link Problem} if there is no file. */
    CompletableFuture<ConfigReload.Outcome> reload(ConfigReload.Order order);

    /** Empty if there is no file. */
    Optional<ConfigStatus> config();

    CompletableFuture<Boolean> awaitDrained(Colour colour, Duration timeout);

    CompletableFuture<List<InFlightView>> oldest(Colour colour, int most);

    List<HistoryEntry> history(int limit, long before);

    Optional<ReleaseReport> release();

    Optional<MirrorReport> mirror();

    WarmUpPlan warmUpPlan(Colour colour);

    CompletableFuture<WarmUpReport> warmUp(Colour colour);

    void noteRefused(ChangeRequest request, ChangeRefused why);
}
