package dev.turnout.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.PoolChange;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.PoolStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. The backends of a pool, edited at run time. */
final class BackendCommands {

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final Duration USUAL_WAIT = Duration.ofMinutes(5);
    private static final int LONGEST_VERSION = 100;
    private static final String ADDRESS = "expected: host:port or [v6]:port, port in 1..65535";

    private final Control control;
    private final WaitingRoom waitingRoom;

    BackendCommands(Control control, WaitingRoom waitingRoom) {
        this.control = control;
        this.waitingRoom = waitingRoom;
    }

    /** PUT /admin/pools/{colour}. */
    CompletableFuture<Reply> put(Call call) throws Problem {
        Colour colour = call.colour();
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        Optional<String> version = fields.has("version")
                ? Optional.of(fields.text(
                        "version",
                        "",
                        "at most " + LONGEST_VERSION + " characters, no control characters",
                        text -> text.length() <= LONGEST_VERSION && text.chars().noneMatch(Character::isISOControl)))
                : Optional.empty();
        if (!fields.has("backends")) {
            fields.wrong("backends", "expected: a list, which may be empty");
        }
        Set<BackendAddress> taken = new HashSet<>();
        List<BackendSettings> backends =
                fields.list("backends", PoolChange.MOST_BACKENDS, (value, place) -> backend(body, value, place, taken));
        return pool(colour, body.request(new PoolChange.Put(colour, version, backends), true));
    }

    /** POST /admin/pools/{colour}/backends. */
    CompletableFuture<Reply> add(Call call) throws Problem {
        Colour colour = call.colour();
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        BackendAddress address = address(fields);
        int weight = (int) fields.whole("weight", 1, 0, 100);
        body.checkSoFar();
        BackendSettings added = new BackendSettings(address, weight);
        return one(colour, address, body.request(new PoolChange.Add(colour, added), true));
    }

    /** PATCH /admin/pools/{colour}/backends/{address}. */
    CompletableFuture<Reply> weight(Call call) throws Problem {
        Colour colour = call.colour();
        BackendAddress address = address(call);
        CommandBody body = CommandBody.of(call);
        if (!body.fields().has("weight")) {
            body.fields().wrong("weight", "expected: a whole number from 0 to 100");
        }
        int weight = (int) body.fields().whole("weight", 1, 0, 100);
        return one(colour, address, body.request(new PoolChange.Weight(colour, address, weight), true));
    }

    /** POST /admin/pools/{colour}/backends/{address}/drain. */
    CompletableFuture<Reply> drain(Call call) throws Problem {
        Colour colour = call.colour();
        BackendAddress address = address(call);
        CommandBody body = CommandBody.of(call);
        boolean waits = body.flag("wait");
        Duration timeout = body.duration("timeout", LONGEST_WAIT).orElse(USUAL_WAIT);
        ChangeRequest request = body.request(new PoolChange.Drain(colour, address), true);
        if (!waits || request.dryRun()) {
            return one(colour, address, request);
        }
        waitingRoom.enter();
        return waitingRoom.leaveWhen(control.submit(request).thenCompose(result -> {
            CompletableFuture<Boolean> wait = control.awaitBackendEmpty(colour, address, false, timeout);
            call.request().whenGone(() -> wait.complete(false));
            return wait.thenApply(empty -> reply(empty ? 200 : 202, colour, address, result));
        }));
    }

    /** POST /admin/pools/{colour}/backends/{address}/undrain. */
    CompletableFuture<Reply> undrain(Call call) throws Problem {
        Colour colour = call.colour();
        BackendAddress address = address(call);
        return one(colour, address, CommandBody.of(call).request(new PoolChange.Undrain(colour, address), true));
    }

    /** DELETE /admin/pools/{colour}/backends/{address}?wait=30s&force=true. */
    CompletableFuture<Reply> remove(Call call) throws Problem {
        Colour colour = call.colour();
        BackendAddress address = address(call);
        Query query = Query.of(call);
        Optional<Duration> wait = query.duration("wait");
        boolean cut = query.word("force", List.of("true", "false")).equals(Optional.of("true"));
        query.check();
        CommandBody body = CommandBody.besideQuery(call);
        ChangeRequest read = body.request(new PoolChange.Remove(colour, address), true);
        ChangeRequest request = cut ? read.forced() : read;
        if (request.dryRun() || (wait.isEmpty() && !cut)) {
            return control.submit(request).thenApply(result -> removed(colour, address, result, request.dryRun()));
        }
        Duration patience = wait.orElse(Duration.ZERO);
        Duration bounded = patience.compareTo(LONGEST_WAIT) < 0 ? patience : LONGEST_WAIT;
        waitingRoom.enter();
        return waitingRoom.leaveWhen(control.submit(request).thenCompose(result -> {
            CompletableFuture<Boolean> gone = control.awaitBackendEmpty(colour, address, true, bounded);
            call.request().whenGone(() -> gone.complete(false));
            return gone.thenCompose(isGone -> isGone || !cut
                    ? CompletableFuture.completedFuture(removed(colour, address, result, false))
                    : control.submit(request.with(new PoolChange.Gone(colour, Set.of(address))))
                            .thenApply(last -> removed(colour, address, last, false)));
        }));
    }

    private static @Nullable BackendSettings backend(
            CommandBody body, JsonNode value, String place, Set<BackendAddress> taken) {
        JsonNode text = value.isObject() ? value.path("address") : value;
        BackendAddress address = text.isTextual() ? parsed(text.textValue()) : null;
        if (address == null) {
            body.fields().faults().at(place, ADDRESS + ", or an object with address and weight");
            return null;
        }
        int weight = 1;
        if (value.isObject()) {
            BodyFields fields = new BodyFields(value, place, body.fields().faults());
            fields.text("address", "", ADDRESS, any -> true);
            weight = (int) fields.whole("weight", 1, 0, 100);
            fields.checkUnknown();
        }
        if (!taken.add(address)) {
            body.fields().faults().at(place, "expected: each address once");
        }
        return new BackendSettings(address, weight);
    }

    private static BackendAddress address(BodyFields fields) {
        BackendAddress stand = new BackendAddress("localhost", 1);
        if (!fields.has("address")) {
            fields.wrong("address", ADDRESS);
            return stand;
        }
        String text = fields.text("address", "", ADDRESS.substring("expected: ".length()), any -> parsed(any) != null);
        BackendAddress address = parsed(text);
        return address == null ? stand : address;
    }

    private static BackendAddress address(Call call) throws Problem {
        BackendAddress address = decoded(call.variable("address"));
        if (address == null) {
            throw new Problem(ProblemType.NO_SUCH_BACKEND, ADDRESS + " in the path");
        }
        return address;
    }

    private static @Nullable BackendAddress decoded(String segment) {
        try {
            return parsed(QueryStringDecoder.decodeComponent(segment));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable BackendAddress parsed(String text) {
        try {
            return BackendAddress.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private CompletableFuture<Reply> pool(Colour colour, ChangeRequest request) {
        return control.submit(request).thenApply(result -> {
            ObjectNode json = Commands.outcome(result).put("colour", colour.label());
            if (!request.dryRun()) {
                json.set("pool", StatusJson.pool(control.status().pool(colour)));
            }
            return Reply.json(200, json).withRevision(result.revision());
        });
    }

    private CompletableFuture<Reply> one(Colour colour, BackendAddress address, ChangeRequest request) {
        return control.submit(request).thenApply(result -> reply(200, colour, address, result));
    }

    private Reply reply(int status, Colour colour, BackendAddress address, ChangeResult result) {
        ObjectNode json = Commands.outcome(result).put("colour", colour.label()).put("address", address.toString());
        json.set("backend", find(colour, address).map(StatusJson::backend).orElse(null));
        return Reply.json(status, json).withRevision(result.revision());
    }

    private Reply removed(Colour colour, BackendAddress address, ChangeResult result, boolean dryRun) {
        boolean there = find(colour, address).isPresent();
        ObjectNode json = Commands.outcome(result)
                .put("colour", colour.label())
                .put("address", address.toString())
                .put("gone", !there);
        json.set("backend", find(colour, address).map(StatusJson::backend).orElse(null));
        return Reply.json(there && !dryRun ? 202 : 200, json)
                .withRevision(dryRun ? result.revision() : control.status().revision());
    }

    private Optional<BackendStatus> find(Colour colour, BackendAddress address) {
        PoolStatus pool = control.status().pool(colour);
        return pool.backends().stream()
                .filter(each -> each.address().equals(address))
                .findFirst();
    }
}
