package dev.turnout.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.PoolChange;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.PoolStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Duration;
import java.util.ArrayList;
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
    private static final List<String> YES_OR_NO = List.of("true", "false");
    private static final String PLACE =
            "expected: host:port or [v6]:port, port in 1..65535, or the name of SRV records";
    private static final String ADDRESS = "expected: address:port or [v6]:port of one backend";

    private final Control control;
    private final WaitingRoom waitingRoom;
    private final NameCommands names;

    BackendCommands(Control control, WaitingRoom waitingRoom) {
        this.names = new NameCommands(control, waitingRoom);
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
        Set<String> taken = new HashSet<>();
        List<NamedBackends> named = new ArrayList<>();
        List<BackendSettings> backends = fields.list(
                "backends", PoolChange.MOST_BACKENDS, (value, place) -> backend(body, value, place, taken, named));
        return pool(colour, body.request(new PoolChange.Put(colour, version, backends, named), true));
    }

    /** POST /admin/pools/{colour}/backends. */
    CompletableFuture<Reply> add(Call call) throws Problem {
        Colour colour = call.colour();
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        if (!fields.has("address")) {
            fields.wrong("address", PLACE);
        }
        String place =
                fields.text("address", "127.0.0.1:1", PLACE.substring("expected: ".length()), text -> isPlace(text));
        boolean weighted = fields.has("weight");
        int weight = (int) fields.whole("weight", 1, 0, 100);
        BackendName name = name(place);
        checkWeight(name, weighted, "weight", fields);
        body.checkSoFar();
        if (name != null) {
            return names.add(colour, new NamedBackends(name, weight), body);
        }
        BackendAddress address = BackendAddress.parse(place);
        BackendSettings added = new BackendSettings(address, weight);
        return one(colour, address, body.request(new PoolChange.Add(colour, added), true));
    }

    /** PATCH /admin/pools/{colour}/backends/{address}. */
    CompletableFuture<Reply> weight(Call call) throws Problem {
        Colour colour = call.colour();
        BackendName name = nameIn(call);
        CommandBody body = CommandBody.of(call);
        if (!body.fields().has("weight")) {
            body.fields().wrong("weight", "expected: a whole number from 0 to 100");
        }
        int weight = (int) body.fields().whole("weight", 1, 0, 100);
        if (name != null) {
            return names.weight(colour, name, weight, body);
        }
        BackendAddress address = address(call);
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

    /** DELETE /admin/pools/{colour}/backends/{address}?wait=30s&cut=true&force=true. */
    CompletableFuture<Reply> remove(Call call) throws Problem {
        Colour colour = call.colour();
        Query query = Query.of(call);
        Optional<Duration> wait = query.duration("wait");
        boolean force = query.word("force", YES_OR_NO).equals(Optional.of("true"));
        boolean cut = query.word("cut", YES_OR_NO).equals(Optional.of("true")) || (force && wait.isPresent());
        query.check();
        CommandBody body = CommandBody.besideQuery(call);
        BackendName name = nameIn(call);
        if (name != null) {
            return names.remove(call, name, wait.map(BackendCommands::bounded), force, cut, body);
        }
        BackendAddress address = address(call);
        ChangeRequest read = body.request(new PoolChange.Remove(colour, address), true);
        ChangeRequest request = force ? read.forced() : read;
        if (request.dryRun() || (wait.isEmpty() && !cut)) {
            return control.submit(request).thenApply(result -> removed(colour, address, result, request.dryRun()));
        }
        Duration bounded = bounded(wait.orElse(Duration.ZERO));
        waitingRoom.enter();
        return waitingRoom.leaveWhen(control.submit(request).thenCompose(result -> {
            CompletableFuture<Boolean> gone = control.awaitBackendEmpty(colour, address, true, bounded);
            call.request().whenGone(() -> gone.complete(false));
            // Who has left cannot be told that anything was cut; the backend leaves by itself all the same.
            return gone.thenCompose(isGone -> isGone || !cut || call.request().isGone()
                    ? CompletableFuture.completedFuture(removed(colour, address, result, false))
                    : control.submit(request.with(new PoolChange.Gone(colour, Set.of(address))))
                            .thenApply(last -> removed(colour, address, last, false)));
        }));
    }

    private static Duration bounded(Duration wait) {
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }

    /** One element of a list; null if it is a name, which goes to {@code named}, or wrong. */
    private static @Nullable BackendSettings backend(
            CommandBody body, JsonNode value, String place, Set<String> taken, List<NamedBackends> named) {
        JsonNode text = value.isObject() ? value.path("address") : value;
        if (!text.isTextual() || !isPlace(text.textValue())) {
            body.fields().faults().at(place, PLACE + ", or an object with address and weight");
            return null;
        }
        int weight = 1;
        BackendName name = name(text.textValue());
        if (value.isObject()) {
            BodyFields fields = new BodyFields(value, place, body.fields().faults());
            fields.text("address", "", PLACE, any -> true);
            weight = (int) fields.whole("weight", 1, 0, 100);
            checkWeight(name, fields.has("weight"), "weight", fields);
            fields.checkUnknown();
        }
        String key = name == null ? BackendAddress.parse(text.textValue()).toString() : name.toString();
        if (!taken.add(key)) {
            body.fields().faults().at(place, "expected: each address once");
        }
        if (name == null) {
            return new BackendSettings(BackendAddress.parse(text.textValue()), weight);
        }
        named.add(new NamedBackends(name, name.isSrv() ? 1 : weight));
        return null;
    }

    private static void checkWeight(@Nullable BackendName name, boolean given, String field, BodyFields fields) {
        if (name != null && name.isSrv() && given) {
            fields.wrong(field, "expected: none beside the name of SRV records, which have their own");
        }
    }

    private static boolean isPlace(String text) {
        return BackendName.isName(text) ? name(text) != null : parsed(text) != null;
    }

    /** Null if it is none. */
    private static @Nullable BackendName name(String text) {
        try {
            return BackendName.isName(text) ? BackendName.parse(text) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable BackendName nameIn(Call call) {
        String text = decoded(call.variable("address"));
        return text == null ? null : name(text);
    }

    private BackendAddress address(Call call) throws Problem {
        String text = decoded(call.variable("address"));
        BackendAddress address = text == null ? null : parsed(text);
        if (address == null) {
            BackendName name = nameIn(call);
            throw new Problem(
                    ProblemType.NO_SUCH_BACKEND,
                    ADDRESS + " in the path" + (name == null ? "" : "; " + names.whereItLeads(call.colour(), name)));
        }
        return address;
    }

    private static @Nullable String decoded(String segment) {
        try {
            return QueryStringDecoder.decodeComponent(segment);
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
