package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.RollbackReadiness;
import dev.turnout.proxy.control.Status;
import dev.turnout.proxy.control.Status.PoolStatus;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.routing.DrainOrder.OnDeadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. What can be told to happen: reads a command, submits it, and waits if it is asked to. */
final class Commands {

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final Duration LONGEST_DRAIN = Duration.ofDays(30);

    private enum WaitFor {
        SWITCHED,
        DRAINED
    }

    private final Control control;
    private final WarmUpCommands warmUps;
    private final HoldCommands held;
    private final CanaryCommands canary;
    private final MirrorCommands mirror;
    private final WaitingRoom waitingRoom;
    private final Duration drainDeadline;

    /** @param drainDeadline how long a drain without a deadline of its own has; a wait for it lasts as long by default */
    Commands(
            Control control,
            WarmUpCommands warmUps,
            HoldCommands held,
            CanaryCommands canary,
            MirrorCommands mirror,
            WaitingRoom waitingRoom,
            Duration drainDeadline) {
        this.warmUps = warmUps;
        this.held = held;
        this.canary = canary;
        this.mirror = mirror;
        this.control = control;
        this.waitingRoom = waitingRoom;
        this.drainDeadline = drainDeadline;
    }

    /** POST /admin/switch. */
    CompletableFuture<Reply> switchTo(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        Optional<Colour> to = body.colour("to");
        BodyFields hold = body.fields().object("hold");
        BodyFields asked = body.fields().object("gate");
        Optional<MirrorCommands.Gate> gate = asked == null ? Optional.empty() : MirrorCommands.Gate.of(asked);
        GateTerms terms = gateTerms(asked);
        boolean warmUp = body.fields().flag("warmUp", true);
        Duration ramp = body.fields().duration("ramp", Duration.ZERO, LONGEST_DRAIN);
        if (gate.isPresent() && !body.fields().isTrue("force")) {
            body.checkSoFar();
            mirror.check(gate.get(), to.orElse(control.status().active().other()));
        }
        if (hold != null) {
            return held.heldSwitch(call, body, hold, to, terms, warmUp);
        }
        if (!ramp.isZero() && !to.equals(Optional.of(control.status().active()))) {
            if (body.choice("wait", List.of(WaitFor.values())).equals(Optional.of(WaitFor.DRAINED))) {
                body.fields().wrong("wait", "expected: switched beside a ramp, whose end GET /admin/canary tells");
            }
            return canary.ramp(body, to, new PlanBody(body.fields()).ramp(ramp).gated(terms), warmUp);
        }
        Optional<CanaryPlan> watched = new PlanBody(body.fields()).afterSwitch();
        return trafficMove(
                call, body, new Change.SwitchTo(to, watched, terms), to.isPresent(), warmUp, Commands::trafficMoved);
    }

    /** What is asked of the new colour in place of the settings. */
    static GateTerms gateTerms(@Nullable BodyFields gate) {
        if (gate == null) {
            return GateTerms.NONE;
        }
        if (!gate.has("minHealthy") && !gate.has("minCapacity") && !gate.has("mirror")) {
            gate.wrong(
                    "minHealthy",
                    "expected: minHealthy (percent), minCapacity (percent), or mirror with maxDifferent and minRequests");
        }
        GateTerms terms = new GateTerms(percent(gate, "minHealthy", 100), percent(gate, "minCapacity", 1000));
        gate.checkUnknown();
        return terms;
    }

    private static OptionalInt percent(BodyFields gate, String key, int max) {
        int percent = (int) gate.whole(key, 0, 0, max);
        return gate.has(key) ? OptionalInt.of(percent) : OptionalInt.empty();
    }

    /** POST /admin/rollback. It never goes forward, so one that is repeated does no harm. */
    CompletableFuture<Reply> rollback(Call call) throws Problem {
        RollbackReadiness before = control.status().rollback();
        return trafficMove(call, CommandBody.of(call), new Change.Rollback(), true, false, result -> {
            ObjectNode json = trafficMoved(result);
            return before.state() == RollbackReadiness.State.STALE ? json.put("warning", before.why()) : json;
        });
    }

    /** POST /admin/pools/{colour}/drain. */
    CompletableFuture<Reply> drain(Call call) throws Problem {
        Colour colour = call.colour();
        CommandBody body = CommandBody.of(call);
        Optional<Duration> deadline = body.duration("deadline", LONGEST_DRAIN);
        Optional<OnDeadline> onDeadline = body.choice("onDeadline", List.of(OnDeadline.values()));
        boolean asked = body.flag("wait");
        Duration timeout = body.duration("timeout", LONGEST_WAIT).orElse(bounded(deadline.orElse(drainDeadline)));
        Optional<Duration> wait = asked ? Optional.of(timeout) : Optional.empty();
        Change change = new Change.DrainPool(colour, deadline, onDeadline.orElse(OnDeadline.REPORT));
        ChangeRequest request = body.request(change, true);
        return submit(call, request, false, wait, result -> colour, result -> poolChanged(colour, result));
    }

    /** POST /admin/pools/{colour}/undrain. */
    CompletableFuture<Reply> undrain(Call call) throws Problem {
        Colour colour = call.colour();
        ChangeRequest request = CommandBody.of(call).request(new Change.UndrainPool(colour), true);
        return submit(call, request, false, Optional.empty(), result -> colour, result -> poolChanged(colour, result));
    }

    /** POST /admin/maintenance. */
    CompletableFuture<Reply> maintenance(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        boolean enabled = body.requiredFlag("enabled");
        ChangeRequest request = body.request(new Change.Maintenance(enabled), true);
        return control.submit(request)
                .thenApply(result -> reply(200, outcome(result).put("enabled", enabled), result));
    }

    private CompletableFuture<Reply> trafficMove(
            Call call,
            CommandBody body,
            Change change,
            boolean repeatable,
            boolean warmUp,
            Function<ChangeResult, ObjectNode> told)
            throws Problem {
        boolean asked = body.choice("wait", List.of(WaitFor.values())).equals(Optional.of(WaitFor.DRAINED));
        Duration timeout = body.duration("timeout", LONGEST_WAIT).orElse(bounded(drainDeadline));
        Optional<Duration> wait = asked ? Optional.of(timeout) : Optional.empty();
        ChangeRequest request = body.request(change, repeatable);
        return submit(call, request, warmUp, wait, result -> result.to().other(), told);
    }

    private CompletableFuture<Reply> submit(
            Call call,
            ChangeRequest request,
            boolean warmUp,
            Optional<Duration> wait,
            Function<ChangeResult, Colour> emptied,
            Function<ChangeResult, ObjectNode> told)
            throws Problem {
        if (wait.isEmpty() || request.dryRun()) {
            return warmUps.move(request, warmUp)
                    .thenApply(moved -> reply(200, moved.in(told.apply(moved.result())), moved.result()));
        }
        if (request.change() instanceof Change.Rollback && waitingRoom.isFull()) {
            // It is made in any case, and answered as if the wait had run out.
            return warmUps.move(request, warmUp).thenApply(moved -> {
                ChangeResult result = moved.result();
                Colour colour = emptied.apply(result);
                boolean done = StatusJson.isDrained(control.status().pool(colour));
                return drained(colour, done, result, moved.in(told.apply(result)));
            });
        }
        // First of all: a change that was made cannot be refused any more.
        waitingRoom.enter();
        return waitingRoom.leaveWhen(warmUps.move(request, warmUp).thenCompose(moved -> {
            ChangeResult result = moved.result();
            return drained(call, emptied.apply(result), wait.get(), result, moved.in(told.apply(result)));
        }));
    }

    private CompletableFuture<Reply> drained(
            Call call, Colour colour, Duration timeout, ChangeResult result, ObjectNode json) {
        CompletableFuture<Boolean> wait = control.awaitDrained(colour, timeout);
        call.request().whenGone(() -> wait.complete(false));
        return wait.thenApply(orderDone -> drained(colour, orderDone, result, json));
    }

    private Reply drained(Colour colour, boolean orderDone, ChangeResult result, ObjectNode json) {
        Status status = control.status();
        PoolStatus pool = status.pool(colour);
        // An idle pool that never had traffic is under no order, and empty all the same.
        boolean empty = orderDone || (colour != status.active() && StatusJson.inFlight(pool) == 0);
        json.put("drained", empty);
        StatusJson.putInFlight(json, pool);
        return reply(empty ? 200 : 202, json, result);
    }

    static ObjectNode trafficMoved(ChangeResult result) {
        ObjectNode json = outcome(result)
                .put("from", result.from().label())
                .put("to", result.to().label());
        result.gate().ifPresent(gate -> json.putObject("gate")
                .put("usable", gate.usable())
                .put("total", gate.total())
                .put("healthyPercent", gate.healthyPercent())
                .put("activeUsable", gate.activeUsable())
                .put("capacityPercent", gate.capacityPercent())
                .put("inFlight", gate.inFlight())
                .put("room", gate.room() == 0 ? null : gate.room()));
        return json;
    }

    private ObjectNode poolChanged(Colour colour, ChangeResult result) {
        ObjectNode json = outcome(result).put("colour", colour.label());
        PoolStatus pool = control.status().pool(colour);
        json.put("drained", StatusJson.isDrained(pool));
        StatusJson.putInFlight(json, pool);
        return json;
    }

    static ObjectNode outcome(ChangeResult result) {
        ObjectNode json = Json.object().put("changed", result.changed());
        if (result.dryRun()) {
            json.put("dryRun", true);
        }
        return json.put("revision", result.revision()).put("tookMs", Math.round(result.tookNanos() / 1e3) / 1e3);
    }

    private static Reply reply(int status, ObjectNode json, ChangeResult result) {
        return Reply.json(status, json).withRevision(result.revision());
    }

    private static Duration bounded(Duration wait) {
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }
}
