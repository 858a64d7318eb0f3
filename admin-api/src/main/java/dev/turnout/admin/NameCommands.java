package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.control.ChangeRequest;
import dev.turnout.proxy.control.ChangeResult;
import dev.turnout.proxy.control.NameChange;
import dev.turnout.proxy.control.PoolChange;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.NameStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Confined to one event loop. The names by which backends of a pool are found, edited at run time. */
final class NameCommands {

    private static final int MOST_TOLD = 10;

    private final Control control;
    private final WaitingRoom waitingRoom;

    NameCommands(Control control, WaitingRoom waitingRoom) {
        this.control = control;
        this.waitingRoom = waitingRoom;
    }

    CompletableFuture<Reply> add(Colour colour, NamedBackends added, CommandBody body) throws Problem {
        return one(colour, added.name(), body.request(new NameChange.Add(colour, added), true));
    }

    CompletableFuture<Reply> weight(Colour colour, BackendName name, int weight, CommandBody body) throws Problem {
        return one(colour, name, body.request(new NameChange.Weight(colour, name, weight), true));
    }

    /**
     * DELETE of a name.
     *
     * @param force even if nobody is left to serve
     * @param cut whether what is in flight after {@code wait} is cut
     */
    CompletableFuture<Reply> remove(
            Call call, BackendName name, Optional<Duration> wait, boolean force, boolean cut, CommandBody body)
            throws Problem {
        Colour colour = call.colour();
        ChangeRequest read = body.request(new NameChange.Remove(colour, name), true);
        ChangeRequest request = force ? read.forced() : read;
        if (request.dryRun() || (wait.isEmpty() && !cut)) {
            return control.submit(request).thenApply(result -> removed(colour, name, result, request.dryRun()));
        }
        waitingRoom.enter();
        return waitingRoom.leaveWhen(control.submit(request).thenCompose(result -> {
            CompletableFuture<Boolean> gone = control.awaitNameGone(colour, name, wait.orElse(Duration.ZERO));
            call.request().whenGone(() -> gone.complete(false));
            // Who has left cannot be told that anything was cut; the backends leave by themselves all the same.
            return gone.thenCompose(isGone -> isGone || !cut || call.request().isGone()
                    ? CompletableFuture.completedFuture(removed(colour, name, result, false))
                    : control.submit(request.with(new PoolChange.Gone(
                                    colour,
                                    of(colour, name).stream()
                                            .map(BackendStatus::address)
                                            .collect(Collectors.toSet()))))
                            .thenApply(last -> removed(colour, name, last, false)));
        }));
    }

    private CompletableFuture<Reply> one(Colour colour, BackendName name, ChangeRequest request) {
        return control.submit(request)
                .thenApply(result -> Reply.json(200, told(colour, name, result)).withRevision(result.revision()));
    }

    private Reply removed(Colour colour, BackendName name, ChangeResult result, boolean dryRun) {
        boolean there = find(colour, name).isPresent() || !of(colour, name).isEmpty();
        return Reply.json(
                        there && !dryRun ? 202 : 200, told(colour, name, result).put("gone", !there))
                .withRevision(dryRun ? result.revision() : control.status().revision());
    }

    private ObjectNode told(Colour colour, BackendName name, ChangeResult result) {
        ObjectNode json = Commands.outcome(result).put("colour", colour.label()).put("address", name.toString());
        json.putNull("backend");
        json.set("name", find(colour, name).map(StatusJson::name).orElse(null));
        return json;
    }

    /** In words, for whoever asked for one backend by a name. */
    String whereItLeads(Colour colour, BackendName name) {
        Optional<NameStatus> named = find(colour, name);
        if (named.isEmpty()) {
            return name + " is a name, and none of " + colour.label();
        }
        List<String> addresses =
                of(colour, name).stream().map(each -> each.address().toString()).toList();
        if (addresses.isEmpty()) {
            return name + " is a name, and leads "
                    + (named.get().found() == 0 ? "nowhere" : "to none but backends that are given beside it");
        }
        int others = addresses.size() - MOST_TOLD;
        return name + " is a name, and leads to "
                + addresses.stream().limit(MOST_TOLD).collect(Collectors.joining(", "))
                + (others > 0 ? " and " + others + " more" : "");
    }

    private Optional<NameStatus> find(Colour colour, BackendName name) {
        return control.status().pool(colour).names().stream()
                .filter(each -> each.named().name().equals(name))
                .findFirst();
    }

    private List<BackendStatus> of(Colour colour, BackendName name) {
        return control.status().pool(colour).backends().stream()
                .filter(each -> each.name().equals(Optional.of(name)))
                .toList();
    }
}
