package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.control.ConfigStatus;
import dev.turnout.proxy.control.ConfigStatus.LastReload;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.control.Status;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.DrainStatus;
import dev.turnout.proxy.control.Status.HoldStatus;
import dev.turnout.proxy.control.Status.NameStatus;
import dev.turnout.proxy.control.Status.PoolStatus;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.NameLookups.Lookup;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Immutable. The state of things as JSON; the fields are those of CONTRACT and openapi.json. */
final class StatusJson {

    private static final Lookup NOT_LOOKED_UP =
            new Lookup(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, Optional.empty());

    private StatusJson() {}

    static ObjectNode status(Status status, Optional<ConfigStatus> config) {
        ObjectNode json = Json.object();
        json.put("revision", status.revision());
        json.put("active", status.active().label());
        json.put("previous", status.previous().map(Colour::label).orElse(null));
        json.put("mode", status.mode());
        json.put("maintenance", status.maintenance());
        json.set("release", status.release().map(StatusJson::release).orElse(null));
        json.set("hold", status.hold().map(StatusJson::hold).orElse(null));
        json.set("mirror", status.mirror().map(MirrorCommands::order).orElse(null));
        json.set("freeze", status.freeze().map(CanaryJson::freeze).orElse(null));
        json.set(
                "rollback",
                Json.object()
                        .put("state", status.rollback().state().name())
                        .put("to", status.rollback().to().map(Colour::label).orElse(null))
                        .put("why", status.rollback().why()));
        json.put("activeSince", time(status.activeSince()));
        json.put("startedAt", time(status.startedAt()));
        json.set("pools", pools(status));
        ObjectNode store = json.putObject("store");
        store.put("file", status.store().file());
        store.put("problem", status.store().problem().orElse(null));
        json.set("config", config.map(StatusJson::config).orElse(null));
        return json;
    }

    private static ObjectNode config(ConfigStatus config) {
        ObjectNode json = Json.object().put("file", config.file());
        json.set("lastReload", config.lastReload().map(StatusJson::lastReload).orElse(null));
        ArrayNode restart = json.putArray("needRestart");
        config.needRestart().forEach(restart::add);
        return json;
    }

    private static ObjectNode lastReload(LastReload last) {
        ObjectNode json = Json.object().put("at", time(last.at())).put("result", Json.word(last.result()));
        ArrayNode problems = json.putArray("problems");
        last.problems().forEach(problems::add);
        return json;
    }

    private static ObjectNode release(Release release) {
        return Json.object()
                .put("releaseId", release.id())
                .put("phase", Json.word(release.phase()))
                .put("candidate", release.candidate().label())
                .put("weight", release.weight() / 100.0)
                .put("step", release.step() + 1)
                .put("paused", release.isPaused());
    }

    static ObjectNode hold(HoldStatus hold) {
        return Json.object()
                .put("since", time(hold.order().since()))
                .put("until", time(hold.order().until()))
                .put("waiting", hold.waiting())
                .put("maxQueued", hold.order().maxQueued())
                .put("maxBytes", hold.order().maxBytes())
                .put("reason", hold.order().reason())
                .put("switchTo", hold.order().switchTo().map(Colour::label).orElse(null));
    }

    static ObjectNode pools(Status status) {
        ObjectNode json = Json.object();
        for (Colour colour : Colour.values()) {
            json.set(colour.label(), pool(status.pool(colour)));
        }
        return json;
    }

    static ObjectNode pool(PoolStatus pool) {
        ObjectNode json = Json.object();
        json.put("role", pool.role());
        json.put("version", pool.version());
        json.put("source", pool.edited() ? "api" : "file");
        json.put("healthy", pool.healthy());
        json.put("usable", pool.usable());
        json.put("total", pool.total());
        json.put("panic", pool.panic());
        json.put("keepsUsers", pool.keepsUsers());
        json.put("pending", pool.pending());
        json.putObject("limits")
                .put("connections", pool.limits().connections())
                .put("inFlight", pool.limits().inFlight())
                .put("pending", pool.limits().pending())
                .put("pendingTimeoutMs", pool.limits().pendingTimeout().toMillis());
        putInFlight(json, pool);
        json.put("draining", pool.drain().isPresent() && inFlight(pool) > 0);
        json.put("drained", isDrained(pool));
        json.set("drain", pool.drain().map(StatusJson::drain).orElse(null));
        ArrayNode backends = json.putArray("backends");
        pool.backends().forEach(backend -> backends.add(backend(backend)));
        ArrayNode names = json.putArray("names");
        pool.names().forEach(name -> names.add(name(name)));
        return json;
    }

    static ObjectNode name(NameStatus name) {
        Lookup lookup = name.lookup().orElse(NOT_LOOKED_UP);
        return Json.object()
                .put("name", name.named().name().toString())
                .put("weight", name.named().name().isSrv() ? null : name.named().weight())
                .put("found", name.found())
                .put("at", time(lookup.at()))
                .put("resolvedAt", time(lookup.resolvedAt()))
                .put("nextAt", time(lookup.nextAt()))
                .put("problem", lookup.problem().orElse(null));
    }

    /** What is in flight on a pool, together and by kind. */
    static void putInFlight(ObjectNode json, PoolStatus pool) {
        json.put("inFlight", inFlight(pool));
        json.put("exchanges", pool.exchanges());
        json.put("tunnels", pool.tunnels());
    }

    /** Whether an order stands and nothing is in flight. */
    static boolean isDrained(PoolStatus pool) {
        return pool.drain().isPresent() && inFlight(pool) == 0;
    }

    static ArrayNode history(List<HistoryEntry> entries) {
        ArrayNode json = Json.array();
        for (HistoryEntry entry : entries) {
            ObjectNode one = json.addObject();
            one.put("revision", entry.revision());
            one.put("at", time(entry.at()));
            one.putObject("actor")
                    .put("name", entry.actor().name())
                    .put("remoteAddress", entry.actor().remoteAddress());
            one.put("action", entry.action());
            one.put("from", entry.from().label());
            one.put("to", entry.to().label());
            one.put("reason", entry.reason());
            one.put("result", entry.result());
            one.put("about", nullIfEmpty(entry.about()));
        }
        return json;
    }

    static ObjectNode drain(Colour colour, PoolStatus pool, List<InFlightView> oldest) {
        ObjectNode json = Json.object().put("colour", colour.label());
        json.set("drain", pool.drain().map(StatusJson::drain).orElse(null));
        json.put("drained", isDrained(pool));
        putInFlight(json, pool);
        ArrayNode list = json.putArray("oldest");
        for (InFlightView each : oldest) {
            list.addObject()
                    .put("class", each.kind())
                    .put("ageMs", each.ageMillis())
                    .put("client", each.client())
                    .put("backend", each.backend())
                    .put("method", each.method())
                    .put("path", each.path())
                    .put("requestBytes", each.requestBytes())
                    .put("responseBytes", each.responseBytes());
        }
        return json;
    }

    private static ObjectNode drain(DrainStatus drain) {
        return Json.object()
                .put("state", drain.state())
                .put("since", time(drain.order().since()))
                .put("deadline", time(drain.order().deadline()))
                .put("onDeadline", Json.word(drain.order().onDeadline()));
    }

    static ObjectNode backend(BackendStatus backend) {
        HealthView health = backend.health();
        ObjectNode json = Json.object();
        json.put("address", backend.address().toString());
        json.put("weight", backend.weight());
        json.put("name", backend.name().map(BackendName::toString).orElse(null));
        json.put("priority", backend.priority());
        json.put("listed", backend.listed());
        json.put("state", Json.word(backend.duty()));
        json.put("up", health.up());
        json.put("inFlight", backend.exchanges() + backend.tunnels());
        json.put("connections", backend.connections());
        json.put("since", time(health.since()));
        if (health.lastProbe().equals(Instant.EPOCH)) {
            json.putNull("lastProbe");
        } else {
            json.putObject("lastProbe")
                    .put("asked", health.asked())
                    .put("at", time(health.lastProbe()))
                    .put("tookMs", health.lastProbeMillis())
                    .put("statusCode", health.statusCode() == 0 ? null : health.statusCode())
                    .put("location", nullIfEmpty(health.location()))
                    .put("body", nullIfEmpty(health.body()))
                    .put("detail", health.detail())
                    .put("against", health.against())
                    .put("turnsAt", health.turnsAt());
        }
        json.set("ejected", backend.ejection().map(StatusJson::ejection).orElse(null));
        json.put("ejectionOverflows", backend.ejectionOverflows());
        json.put(
                "slowStartPercent",
                backend.slowStartPercent().isPresent()
                        ? backend.slowStartPercent().getAsInt()
                        : null);
        ObjectNode failures = json.putObject("failures");
        for (FailureKind kind : FailureKind.values()) {
            failures.put(
                    kind.isLocal() ? kind.label() : "serverError",
                    backend.failures().getOrDefault(kind, 0L));
        }
        return json;
    }

    private static ObjectNode ejection(Ejection ejection) {
        return Json.object()
                .put("since", time(ejection.since()))
                .put("until", time(ejection.until()))
                .put("times", ejection.times())
                .put("reason", ejection.reason());
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    static long inFlight(PoolStatus pool) {
        return pool.exchanges() + pool.tunnels();
    }

    /** RFC 3339, UTC; null for what has not happened, which the proxy writes as the epoch. */
    static @Nullable String time(Instant instant) {
        return instant.equals(Instant.EPOCH)
                ? null
                : instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
