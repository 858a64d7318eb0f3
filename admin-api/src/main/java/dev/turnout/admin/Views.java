package dev.turnout.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Confined to one event loop. What can be looked at, and waited for. */
final class Views {

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final List<String> DUTIES = List.of("active", "idle", "canary", "draining");
    private static final int OLDEST_MOST = 500;
    private static final int OLDEST_DEFAULT = 20;
    private static final int HISTORY_KEPT = 200;
    private static final int HISTORY_DEFAULT = 50;

    private final Control control;
    private final WaitingRoom waitingRoom;

    Views(Control control, WaitingRoom waitingRoom) {
        this.control = control;
        this.waitingRoom = waitingRoom;
    }

    /** GET /admin/status: at once, or when the revision has moved on. */
    CompletableFuture<Reply> status(Call call) throws Problem {
        Query query = Query.of(call);
        Optional<Duration> wait = query.duration("wait");
        OptionalLong seen = query.number("revision", 0, Long.MAX_VALUE);
        query.check();
        Status now = control.status();
        long known = seen.orElse(now.revision());
        if (wait.isEmpty() || now.revision() > known) {
            return CompletableFuture.completedFuture(statusReply(call, now));
        }
        waitingRoom.enter();
        Duration bounded = wait.get().compareTo(LONGEST_WAIT) < 0 ? wait.get() : LONGEST_WAIT;
        CompletableFuture<Status> moved = control.awaitRevisionAbove(known, bounded);
        call.request().whenGone(() -> moved.complete(now));
        return waitingRoom.leaveWhen(moved).thenApply(status -> statusReply(call, status));
    }

    /** GET /admin/pools. */
    CompletableFuture<Reply> pools(Call call) throws Problem {
        Query.refuseAny(call);
        Status status = control.status();
        ObjectNode json = Json.object().put("revision", status.revision());
        json.set("pools", StatusJson.pools(status));
        return CompletableFuture.completedFuture(unlessKnown(call, status.revision(), json));
    }

    /** GET /admin/pools/{colour}. */
    CompletableFuture<Reply> pool(Call call) throws Problem {
        Query.refuseAny(call);
        Colour colour = call.colour();
        Status status = control.status();
        ObjectNode json = Json.object().put("colour", colour.label()).put("revision", status.revision());
        json.setAll(StatusJson.pool(status.pool(colour)));
        return CompletableFuture.completedFuture(unlessKnown(call, status.revision(), json));
    }

    /** GET /admin/pools/{colour}/drain: how far it is, and what has been in flight for longest. */
    CompletableFuture<Reply> drain(Call call) throws Problem {
        Colour colour = call.colour();
        Query query = Query.of(call);
        int limit = (int) query.number("limit", 1, OLDEST_MOST).orElse(OLDEST_DEFAULT);
        query.check();
        return control.oldest(colour, limit).thenApply(oldest -> {
            Status status = control.status();
            return Reply.json(200, StatusJson.drain(colour, status.pool(colour), oldest))
                    .withRevision(status.revision());
        });
    }

    /** GET /admin/pools/{colour}/role: at once, or when it is another than the one given. */
    CompletableFuture<Reply> role(Call call) throws Problem {
        Colour colour = call.colour();
        Query query = Query.of(call);
        Optional<Duration> wait = query.duration("wait");
        String not = query.word("not", DUTIES).orElse("");
        query.check();
        String now = control.status().pool(colour).duty();
        if (wait.isEmpty() || !now.equals(not)) {
            return CompletableFuture.completedFuture(role(now));
        }
        waitingRoom.enter();
        Duration bounded = wait.get().compareTo(LONGEST_WAIT) < 0 ? wait.get() : LONGEST_WAIT;
        CompletableFuture<String> moved = control.awaitDutyOtherThan(colour, not, bounded);
        call.request().whenGone(() -> moved.complete(now));
        return waitingRoom.leaveWhen(moved).thenApply(Views::role);
    }

    private static Reply role(String duty) {
        return Reply.text("text/plain; charset=utf-8", duty + "\n");
    }

    /** GET /admin/history: newest first. */
    CompletableFuture<Reply> history(Call call) throws Problem {
        Query query = Query.of(call);
        int limit = (int) query.number("limit", 1, HISTORY_KEPT).orElse(HISTORY_DEFAULT);
        long before = query.number("before", 0, Long.MAX_VALUE).orElse(Long.MAX_VALUE);
        query.check();
        return CompletableFuture.completedFuture(Reply.json(200, StatusJson.history(control.history(limit, before))));
    }

    private Reply statusReply(Call call, Status status) {
        return unlessKnown(call, status.revision(), StatusJson.status(status, control.config()));
    }

    private static Reply unlessKnown(Call call, long revision, JsonNode json) {
        return RevisionTag.isKnown(call.request().headers(), revision)
                ? Reply.notModified(revision)
                : Reply.json(200, json).withRevision(revision);
    }
}
