package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRefused;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.control.ReleaseChange;
import dev.turnout.proxy.control.WarmUpPlan;
import dev.turnout.proxy.routing.WarmUpReport;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Confined to one event loop. Has pools made ready, by a command of its own and before a command that moves traffic: that is first
 * tried without effect, then the colour it moves to is warmed up, then it is carried out with all its checks.
 */
final class WarmUpCommands {

    /** What takes traffic to a colour, or away from it. */
    private static final Set<String> MOVES = Set.of("switch", "rollback", "auto-rollback", "canary-abort");

    private static final int LOOKED_BACK = 200;

    private final Control control;
    private final WaitingRoom waitingRoom;

    WarmUpCommands(Control control, WaitingRoom waitingRoom) {
        this.control = control;
        this.waitingRoom = waitingRoom;
    }

    /**
     * Immutable. What came of a command.
     *
     * @param warmUp what was warmed up before it, or would be; empty if nothing was asked for
     */
    record Moved(ChangeResult result, Optional<ObjectNode> warmUp) {
        Moved {
            Objects.requireNonNull(result);
            Objects.requireNonNull(warmUp);
        }

        /** Tells of the warm-up behind what is told already. */
        ObjectNode in(ObjectNode json) {
            warmUp.ifPresent(object -> json.set("warmUp", object));
            return json;
        }
    }

    /** POST /admin/pools/{colour}/warm-up. */
    CompletableFuture<Reply> warmUp(Call call) throws Problem {
        Colour colour = call.colour();
        CommandBody body = CommandBody.of(call);
        boolean dryRun = body.fields().flag("dryRun", false);
        body.fields().checkUnknown();
        body.checkSoFar();
        if (dryRun) {
            return CompletableFuture.completedFuture(Reply.json(200, json(control.warmUpPlan(colour))));
        }
        waitingRoom.enter();
        return waitingRoom.leaveWhen(control.warmUp(colour)).thenApply(report -> Reply.json(200, json(report)));
    }

    /** Carries a command out, and if it moves traffic from one colour to the other and {@code asked} is set, warms that up before. */
    CompletableFuture<Moved> move(ChangeRequest request, boolean asked) {
        if (!asked) {
            return plainly(request);
        }
        Colour idle = control.status().active().other();
        if (!control.warmUpPlan(idle).isAny()) {
            return plainly(request);
        }
        if (request.dryRun()) {
            return control.submit(request)
                    .thenApply(result -> new Moved(
                            result,
                            isMove(request, result) ? Optional.of(json(control.warmUpPlan(idle))) : Optional.empty()));
        }
        try {
            waitingRoom.enter();
        } catch (Problem e) {
            return CompletableFuture.failedFuture(e);
        }
        return waitingRoom.leaveWhen(
                tried(request).thenCompose(would -> warm(request, would, true)).thenCompose(warmed -> control.submit(
                                warmed.map(one -> request.pinned(toward(one.colour(), request.change())))
                                        .orElse(request))
                        .thenApply(result -> new Moved(result, warmed.map(Warmed::json)))));
    }

    private CompletableFuture<Moved> plainly(ChangeRequest request) {
        return control.submit(request).thenApply(result -> new Moved(result, Optional.empty()));
    }

    /** What a command would come to. One that would be refused is refused here, as a command and not as a question. */
    CompletableFuture<ChangeResult> tried(ChangeRequest request) {
        return refusalsKept(request, control.submit(request.tried()));
    }

    private <T> CompletableFuture<T> refusalsKept(ChangeRequest request, CompletableFuture<T> outcome) {
        return outcome.whenComplete((done, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause instanceof ChangeRefused refused) {
                control.noteRefused(request, refused);
            }
        });
    }

    /** Immutable. A colour that was warmed up. */
    record Warmed(Colour colour, ObjectNode json) {
        Warmed {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(json);
        }
    }

    /**
     * Warms the idle colour up for a command.
     *
     * @param would what it came to without effect
     * @param asked whether it is to be done at all
     * @return empty if there is nothing to warm up; fails with {@link ChangeRefused} if the command must not be carried out now
     */
    CompletableFuture<Optional<Warmed>> warm(ChangeRequest request, ChangeResult would, boolean asked) {
        Colour colour = would.from().other();
        WarmUpPlan plan = control.warmUpPlan(colour);
        if (!asked || !plan.isAny() || !isMove(request, would)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return refusalsKept(request, control.warmUp(colour).thenCompose(report -> {
            Optional<ChangeRefused> no = failed(request, plan, colour, report).or(() -> overtaken(would, colour));
            return no.isPresent()
                    ? CompletableFuture.failedFuture(no.get())
                    : CompletableFuture.completedFuture(Optional.of(new Warmed(colour, json(report))));
        }));
    }

    /** A colour that is active already and only takes its traffic again has users who wait for it. */
    private static boolean isMove(ChangeRequest request, ChangeResult would) {
        return would.changed() && (request.change() instanceof ReleaseChange || would.from() != would.to());
    }

    private Optional<ChangeRefused> failed(ChangeRequest request, WarmUpPlan plan, Colour colour, WarmUpReport report) {
        if (report.failed() == 0 || !plan.refuses() || request.force()) {
            return Optional.empty();
        }
        return refusal(
                Kind.WARM_UP_FAILED,
                "nothing was changed: in the warm-up of " + colour.label() + ", " + report.requests() + " requests to "
                        + report.backends() + " backends, " + report.failed() + " failed, among them: "
                        + String.join("; ", report.failures()));
    }

    /**
     * Somebody who went back from this colour while it was warmed up knows more than who asked for it before. If it has become
     * active meanwhile, all is as asked.
     */
    private Optional<ChangeRefused> overtaken(ChangeResult would, Colour colour) {
        if (control.status().active() == colour) {
            return Optional.empty();
        }
        return control.history(LOOKED_BACK, Long.MAX_VALUE).stream()
                .filter(entry -> entry.revision() > would.revision()
                        && entry.result().equals(HistoryEntry.MADE)
                        && MOVES.contains(entry.action()))
                .findFirst()
                .flatMap(entry -> refusal(
                        Kind.RECENTLY_SWITCHED,
                        "nothing was changed: while " + colour.label() + " was warmed up there was a " + entry.action()
                                + ", revision " + entry.revision() + "; repeat the command if it is still meant"));
    }

    private Optional<ChangeRefused> refusal(Kind kind, String detail) {
        return Optional.of(new ChangeRefused(kind, detail, control.status().revision()));
    }

    /** Without a named target the idle colour is meant, and which one that is may have changed: it is the one that is warm. */
    private static Change toward(Colour colour, Change change) {
        if (change instanceof Change.SwitchTo to) {
            return new Change.SwitchTo(Optional.of(colour), to.watched(), to.gate());
        }
        return change instanceof ReleaseChange.StartCanary start
                ? new ReleaseChange.StartCanary(Optional.of(colour), start.id(), start.plan())
                : change;
    }

    private static ObjectNode json(WarmUpPlan plan) {
        return Json.object()
                .put("backends", plan.backends())
                .put("connections", plan.connections())
                .put("requests", plan.requests());
    }

    private static ObjectNode json(WarmUpReport report) {
        ObjectNode json = Json.object()
                .put("backends", report.backends())
                .put("connections", report.connections())
                .put("requests", report.requests())
                .put("failed", report.failed())
                .put("tookMs", Math.round(report.tookNanos() / 1e3) / 1e3);
        ArrayNode failures = json.putArray("failures");
        report.failures().forEach(failures::add);
        return json;
    }
}
