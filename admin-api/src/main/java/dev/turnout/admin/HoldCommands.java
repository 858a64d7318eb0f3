package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.admin.WarmUpCommands.Moved;
import dev.turnout.admin.WarmUpCommands.Warmed;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.HoldChange;
import dev.turnout.proxy.release.GateTerms;
import dev.turnout.proxy.routing.HoldOrder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Confined to one event loop. Lets new requests wait, and switches while they do. */
final class HoldCommands {

    /** What a held switch leaves to its hold beyond its own time, so that the hold never ends first. */
    private static final Duration BEYOND = Duration.ofSeconds(5);

    private static final Duration USUAL = Duration.ofSeconds(30);
    private static final int MOST_QUEUED = 1_000_000;
    private static final long MOST_BYTES = 16L << 30;
    private static final String URL = "an http or https address";

    private final Control control;
    private final WarmUpCommands warmUps;
    private final WaitingRoom waitingRoom;
    private final Clock clock;
    private final Executor loop;

    HoldCommands(Control control, WarmUpCommands warmUps, WaitingRoom waitingRoom, Clock clock, Executor loop) {
        this.control = control;
        this.warmUps = warmUps;
        this.waitingRoom = waitingRoom;
        this.clock = clock;
        this.loop = loop;
    }

    /** POST /admin/hold. */
    CompletableFuture<Reply> hold(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        Duration lasts = fields.duration("for", USUAL, HoldOrder.LONGEST);
        Instant until = clock.instant().plus(lasts);
        String reason = body.knownReason();
        HoldChange change = new HoldChange.Hold(until, maxQueued(fields), maxBytes(fields), reason);
        return submit(body.request(change, true));
    }

    /** POST /admin/release. */
    CompletableFuture<Reply> release(Call call) throws Problem {
        return submit(CommandBody.of(call).request(new HoldChange.Release(OptionalLong.empty()), true));
    }

    private static int maxQueued(BodyFields fields) {
        return (int) fields.whole("maxQueued", HoldOrder.MAX_QUEUED, 1, MOST_QUEUED);
    }

    private static long maxBytes(BodyFields fields) {
        return fields.whole("maxBytes", HoldOrder.MAX_BYTES, 1, MOST_BYTES);
    }

    private CompletableFuture<Reply> submit(ChangeRequest request) {
        return control.submit(request).thenApply(result -> {
            ObjectNode json = Commands.outcome(result);
            json.set("hold", control.status().hold().map(StatusJson::hold).orElse(null));
            return Reply.json(200, json).withRevision(result.revision());
        });
    }

    /**
     * POST /admin/switch with {@code hold}: warms the new colour up, holds, waits until nothing is in flight on the old one, asks
     * the webhook, switches and lets go in one; or undoes the hold.
     */
    CompletableFuture<Reply> heldSwitch(
            Call call, CommandBody body, BodyFields hold, Optional<Colour> to, GateTerms gate, boolean warmUp)
            throws Problem {
        Duration timeout = hold.duration("timeout", USUAL, HoldOrder.LONGEST.minus(BEYOND));
        int queued = maxQueued(hold);
        long bytes = maxBytes(hold);
        String webhook = hold.text("webhook", "", URL, HoldCommands::isUrl);
        hold.checkUnknown();
        Colour from = control.status().active();
        Colour target = to.orElse(from.other());
        ChangeRequest asked =
                body.request(new Change.SwitchTo(Optional.of(target), Optional.empty(), gate), to.isPresent());
        if (asked.dryRun()) {
            return warmUps.move(asked, warmUp)
                    .thenApply(would -> Reply.json(200, would.in(Commands.trafficMoved(would.result()))));
        }
        waitingRoom.enter();
        Function<ChangeResult, CompletableFuture<ChangeResult>> held = would -> would.changed()
                ? hold(asked, target, gate, webhook, timeout, queued, bytes)
                : CompletableFuture.completedFuture(would.asMade());
        // That it could be made is found out before anybody has to wait for it.
        return waitingRoom.leaveWhen(warmUps.tried(asked)
                .thenCompose(would -> warmUps.warm(asked, would, warmUp)
                        .thenCompose(warmed -> warmed.isEmpty()
                                ? held.apply(would).thenApply(result -> new Moved(result, Optional.empty()))
                                // A warm-up takes its time.
                                : warmUps.tried(asked)
                                        .thenCompose(held)
                                        .thenApply(result -> new Moved(result, warmed.map(Warmed::json)))))
                .thenApply(moved -> Reply.json(200, moved.in(Commands.trafficMoved(moved.result())))
                        .withRevision(moved.result().revision())));
    }

    private CompletableFuture<ChangeResult> hold(
            ChangeRequest asked,
            Colour target,
            GateTerms gate,
            String webhook,
            Duration timeout,
            int queued,
            long bytes) {
        Instant end = clock.instant().plus(timeout);
        HoldChange holding = new HoldChange.Hold(end.plus(BEYOND), queued, bytes, asked.reason(), Optional.of(target));
        return control.submit(with(asked, holding))
                .thenCompose(held -> underHold(asked, held, target, gate, webhook, end));
    }

    private CompletableFuture<ChangeResult> underHold(
            ChangeRequest asked, ChangeResult held, Colour target, GateTerms gate, String webhook, Instant end) {
        CompletableFuture<ChangeResult> moved = control.awaitIdle(held.revision(), left(end))
                .thenCompose(idle -> {
                    if (idle) {
                        return ask(webhook, asked, held, target, end);
                    }
                    // Without its hold the switch is refused, and says why; nobody need be asked before.
                    return stands(held.revision())
                            ? failed("requests were still in flight on "
                                    + held.from().label() + " when the time was over")
                            : CompletableFuture.<Void>completedFuture(null);
                })
                .thenCompose(
                        ready -> control.submit(with(asked, new HoldChange.SwitchHeld(target, gate, held.revision()))));
        return moved.handle((result, failure) -> failure == null
                        ? CompletableFuture.completedFuture(result)
                        : control.submit(with(asked, new HoldChange.Release(OptionalLong.of(held.revision()))))
                                .handle((released, ignored) -> null)
                                .thenCompose(released -> CompletableFuture.<ChangeResult>failedFuture(cause(failure))))
                .thenCompose(done -> done);
    }

    private boolean stands(long hold) {
        return control.status()
                .hold()
                .filter(standing -> standing.order().revision() == hold)
                .isPresent();
    }

    private CompletableFuture<Void> ask(
            String webhook, ChangeRequest asked, ChangeResult held, Colour target, Instant end) {
        if (webhook.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        ObjectNode json = Json.object()
                .put("from", held.from().label())
                .put("to", target.label())
                .put("revision", held.revision())
                .put("reason", asked.reason());
        HttpRequest request = HttpRequest.newBuilder(URI.create(webhook))
                .header("Content-Type", "application/json")
                .timeout(left(end))
                .POST(BodyPublishers.ofString(Json.text(json)))
                .build();
        CompletionStage<Integer> answer = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .sendAsync(request, BodyHandlers.discarding())
                .orTimeout(left(end).toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(reply -> reply.statusCode())
                .exceptionally(failure -> 0);
        return answer.thenComposeAsync(
                        status -> status / 100 == 2
                                ? CompletableFuture.<Void>completedFuture(null)
                                : HoldCommands.<Void>failed(
                                        status == 0
                                                ? "the webhook did not answer in time, or not at all"
                                                : "the webhook answered " + status),
                        loop)
                .toCompletableFuture();
    }

    private static <T> CompletableFuture<T> failed(String why) {
        return CompletableFuture.failedFuture(new Problem(
                ProblemType.HELD_SWITCH_FAILED, why + "; nothing was switched, and requests go on where they were"));
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private Duration left(Instant end) {
        Duration left = Duration.between(clock.instant(), end);
        return left.isNegative() || left.isZero() ? Duration.ofMillis(1) : left;
    }

    private static ChangeRequest with(ChangeRequest asked, Change change) {
        return new ChangeRequest(
                change, OptionalLong.empty(), false, asked.force(), true, asked.reason(), asked.actor());
    }

    private static boolean isUrl(String text) {
        try {
            URI url = URI.create(text);
            return url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
