package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.ReleaseChange;
import dev.turnout.proxy.control.ReleaseReport;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.routing.Freeze;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Confined to one event loop. Commands about releases that go in steps, and what is told of them. */
final class CanaryCommands {

    private static final Duration LONGEST_FREEZE = Duration.ofDays(90);
    private static final String ID = "1 to 64 of A-Z a-z 0-9 . _ -";

    private final Control control;
    private final WarmUpCommands warmUps;
    private final Clock clock;

    CanaryCommands(Control control, WarmUpCommands warmUps, Clock clock) {
        this.control = control;
        this.warmUps = warmUps;
        this.clock = clock;
    }

    /** POST /admin/canary. */
    CompletableFuture<Reply> start(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        Optional<Colour> to = body.colour("to");
        BodyFields fields = body.fields();
        String id = fields.text("releaseId", "", ID, text -> text.matches("[A-Za-z0-9._-]{1,64}"));
        CanaryPlan plan = new PlanBody(fields).plan().gated(Commands.gateTerms(fields.object("gate")));
        boolean warmUp = fields.flag("warmUp", true);
        return submit(body, new ReleaseChange.StartCanary(to, id, plan), false, warmUp);
    }

    /** POST /admin/switch with {@code ramp}: the answer says where the traffic goes, though it has not moved yet. */
    CompletableFuture<Reply> ramp(CommandBody body, Optional<Colour> to, CanaryPlan plan, boolean warmUp)
            throws Problem {
        Colour candidate = to.orElse(control.status().active().other());
        ChangeRequest request = body.request(new ReleaseChange.StartCanary(to, "", plan), to.isPresent());
        return warmUps.move(request, warmUp).thenApply(moved -> {
            ChangeResult result = moved.result();
            ObjectNode json = moved.in(Commands.trafficMoved(result).put("to", candidate.label()));
            if (result.dryRun()) {
                json.set("canary", CanaryJson.planned(candidate, plan));
            } else {
                CanaryJson.canary(json, control.release(), clock.instant());
            }
            return Reply.json(200, json).withRevision(result.revision());
        });
    }

    /** PATCH /admin/canary. */
    CompletableFuture<Reply> weight(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        if (!fields.has("weight")) {
            fields.wrong("weight", "expected: percent from 0 to 100, in steps of 0.01");
        }
        return submit(body, new ReleaseChange.SetWeight(fields.percent("weight", 0, Bucket.COUNT)), true);
    }

    /** POST /admin/canary/step. */
    CompletableFuture<Reply> step(Call call) throws Problem {
        return submit(CommandBody.of(call), new ReleaseChange.NextStep(), false);
    }

    /** POST /admin/canary/pause. */
    CompletableFuture<Reply> pause(Call call) throws Problem {
        return submit(CommandBody.of(call), new ReleaseChange.Pause("by command"), true);
    }

    /** POST /admin/canary/resume. */
    CompletableFuture<Reply> resume(Call call) throws Problem {
        return submit(CommandBody.of(call), new ReleaseChange.Resume(), true);
    }

    /** POST /admin/canary/promote. */
    CompletableFuture<Reply> promote(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        return submit(body, new ReleaseChange.Promote(body.flag("full")), false);
    }

    /** POST /admin/canary/abort. */
    CompletableFuture<Reply> abort(Call call) throws Problem {
        return submit(CommandBody.of(call), new ReleaseChange.Abort(false), false);
    }

    /** POST /admin/confirm. */
    CompletableFuture<Reply> confirm(Call call) throws Problem {
        return submit(CommandBody.of(call), new ReleaseChange.Confirm(), true);
    }

    /** PUT /admin/freeze. */
    CompletableFuture<Reply> freeze(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        Instant now = clock.instant();
        Instant until = until(fields, now);
        if (!fields.has("reason")) {
            fields.wrong("reason", "expected: why, for whoever is stopped by it");
        }
        String reason = fields.text("reason", "", "a string", text -> true);
        Freeze freeze = new Freeze(now, until, call.actor().name(), reason);
        return frozen(body.request(new ReleaseChange.SetFreeze(freeze), true));
    }

    private static Instant until(BodyFields fields, Instant now) {
        String expected = "a time after now and within " + LONGEST_FREEZE.toDays() + " days, as 2026-12-24T18:00:00Z";
        String text = fields.text("until", "", expected, value -> isTime(value, now));
        if (text.isEmpty()) {
            if (!fields.has("until")) {
                fields.wrong("until", "expected: " + expected);
            }
            return now;
        }
        return Instant.parse(text);
    }

    private static boolean isTime(String text, Instant now) {
        try {
            Instant time = Instant.parse(text);
            return time.isAfter(now) && time.isBefore(now.plus(LONGEST_FREEZE));
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    /** DELETE /admin/freeze. */
    CompletableFuture<Reply> unfreeze(Call call) throws Problem {
        return frozen(CommandBody.of(call).request(new ReleaseChange.Unfreeze(), true));
    }

    /** It is no matter of a release, which may be under way or not. */
    private CompletableFuture<Reply> frozen(ChangeRequest request) {
        return control.submit(request).thenApply(result -> {
            ObjectNode json = Commands.outcome(result);
            json.set("freeze", control.status().freeze().map(CanaryJson::freeze).orElse(null));
            return Reply.json(200, json).withRevision(result.revision());
        });
    }

    /** GET /admin/freeze. */
    CompletableFuture<Reply> showFreeze(Call call) throws Problem {
        Query.refuseAny(call);
        ObjectNode json = Json.object();
        json.set("freeze", control.status().freeze().map(CanaryJson::freeze).orElse(null));
        return CompletableFuture.completedFuture(Reply.json(200, json));
    }

    /** GET /admin/canary. */
    CompletableFuture<Reply> show(Call call) throws Problem {
        Query.refuseAny(call);
        long revision = control.status().revision();
        ObjectNode json = Json.object().put("revision", revision);
        CanaryJson.canary(json, control.release(), clock.instant());
        return CompletableFuture.completedFuture(Reply.json(200, json).withRevision(revision));
    }

    /** GET /admin/canary/judge. */
    CompletableFuture<Reply> judge(Call call) throws Problem {
        Query.refuseAny(call);
        Optional<ReleaseReport> report = control.release();
        if (report.isEmpty()) {
            throw new Problem(ProblemType.NO_RELEASE, "there was no release since this process began");
        }
        return CompletableFuture.completedFuture(Reply.json(200, CanaryJson.judge(report.get())));
    }

    private CompletableFuture<Reply> submit(CommandBody body, Change change, boolean repeatable) throws Problem {
        return submit(body, change, repeatable, false);
    }

    private CompletableFuture<Reply> submit(CommandBody body, Change change, boolean repeatable, boolean warmUp)
            throws Problem {
        return warmUps.move(body.request(change, repeatable), warmUp).thenApply(moved -> {
            ChangeResult result = moved.result();
            ObjectNode json = moved.in(Commands.trafficMoved(result));
            if (!result.dryRun()) {
                CanaryJson.canary(json, control.release(), clock.instant());
            }
            return Reply.json(200, json).withRevision(result.revision());
        });
    }
}
