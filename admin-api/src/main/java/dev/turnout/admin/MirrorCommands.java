package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.MirrorChange;
import dev.turnout.proxy.mirror.MirrorReport;
import dev.turnout.proxy.routing.MirrorOrder;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** Confined to one event loop. Has requests copied to the idle colour, tells what came of it, and lets a switch depend on that. */
final class MirrorCommands {

    private static final Duration USUAL = Duration.ofHours(1);
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
    private static final int USUAL_BODY = 64 << 10;
    private static final int USUAL_IN_FLIGHT = 64;
    private static final int MOST_IN_FLIGHT = 1_000;
    private static final Pattern FIELD_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");

    private final Control control;
    private final Clock clock;

    MirrorCommands(Control control, Clock clock) {
        this.control = control;
        this.clock = clock;
    }

    /** POST /admin/mirror. */
    CompletableFuture<Reply> start(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        BodyFields fields = body.fields();
        int share = fields.percent("share", 0, 10_000);
        if (share == 0) {
            fields.wrong("share", "expected: percent from 0.01 to 100, in steps of 0.01");
        }
        List<String> headers = fields.has("compareHeaders") ? headers(fields) : List.of("content-type", "location");
        MirrorOrder.Body compared =
                body.choice("compareBody", List.of(MirrorOrder.Body.values())).orElse(MirrorOrder.Body.NONE);
        int limit = (int) fields.whole("bodyLimit", USUAL_BODY, 1, MirrorOrder.LARGEST_BODY);
        int inFlight = (int) fields.whole("maxInFlight", USUAL_IN_FLIGHT, 1, MOST_IN_FLIGHT);
        if (2L * limit * inFlight > MirrorOrder.MOST_MEMORY) {
            fields.wrong(
                    "maxInFlight",
                    "expected: twice bodyLimit times maxInFlight is at most " + MirrorOrder.MOST_MEMORY + " bytes");
        }
        Duration timeout = fields.duration("timeout", USUAL_TIMEOUT, LONGEST_TIMEOUT);
        if (timeout.isZero()) {
            fields.wrong("timeout", "expected: more than 0s");
        }
        Duration lasts = fields.duration("for", USUAL, MirrorOrder.LONGEST);
        if (lasts.isZero()) {
            fields.wrong("for", "expected: more than 0s");
        }
        MirrorChange change = new MirrorChange.Start(
                clock.instant().plus(lasts), share, headers, compared, limit, inFlight, timeout, body.knownReason());
        return submit(body, change);
    }

    private static List<String> headers(BodyFields fields) {
        String expected = "the name of a field";
        List<String> names = fields.texts("compareHeaders", MirrorOrder.MOST_HEADERS, expected);
        if (!names.stream().allMatch(name -> FIELD_NAME.matcher(name).matches())) {
            fields.wrong("compareHeaders", "expected: names of fields");
            return List.of();
        }
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** DELETE /admin/mirror. */
    CompletableFuture<Reply> end(Call call) throws Problem {
        return submit(CommandBody.of(call), new MirrorChange.End());
    }

    private CompletableFuture<Reply> submit(CommandBody body, MirrorChange change) throws Problem {
        return control.submit(body.request(change, true)).thenApply(result -> {
            ObjectNode json = Commands.outcome(result);
            json.set(
                    "mirror",
                    control.status().mirror().map(MirrorCommands::order).orElse(null));
            return Reply.json(200, json).withRevision(result.revision());
        });
    }

    /** GET /admin/mirror. */
    CompletableFuture<Reply> show(Call call) throws Problem {
        Query.refuseAny(call);
        long revision = control.status().revision();
        ObjectNode json = Json.object().put("revision", revision);
        json.set("mirror", control.status().mirror().map(MirrorCommands::order).orElse(null));
        json.set("report", control.mirror().map(MirrorCommands::report).orElse(null));
        return CompletableFuture.completedFuture(Reply.json(200, json).withRevision(revision));
    }

    /**
     * What a switch may depend on: {@code "gate":{"mirror":{"maxDifferent":0.01,"minRequests":100}}}.
     *
     * @param minRequests that must have been compared
     * @param maxDifferent share of them that may differ or fail, 0..1
     */
    record Gate(long minRequests, double maxDifferent) {

        /** Empty if none is asked for. What is wrong is told with the rest of the body. */
        static Optional<Gate> of(BodyFields gate) {
            BodyFields mirror = gate.object("mirror");
            if (mirror == null) {
                return Optional.empty();
            }
            Gate read = new Gate(
                    mirror.whole("minRequests", 100, 1, 1_000_000_000), mirror.number("maxDifferent", 0, 0, 1));
            mirror.checkUnknown();
            return Optional.of(read);
        }
    }

    /** Refuses a switch that the gate does not let through. */
    void check(Gate gate, Colour target) throws Problem {
        MirrorReport report = control.mirror().orElse(null);
        if (control.status().active() == target) {
            return;
        }
        if (report == null || report.idle() != target) {
            throw refused("no mirror has sent requests to " + target.label() + " since this process began");
        }
        if (report.compared() < gate.minRequests()) {
            throw refused("the mirror has compared " + report.compared() + " requests, " + gate.minRequests()
                    + " are needed");
        }
        if (report.bad() > gate.maxDifferent()) {
            throw refused(
                    "of " + report.compared() + " requests " + report.different() + " were answered differently and "
                            + report.failed() + " failed; at most " + gate.maxDifferent()
                            + " of them may; GET /admin/mirror lists the worst paths");
        }
    }

    private static Problem refused(String why) {
        return new Problem(ProblemType.MIRROR_GATE_FAILED, why + "; nothing was switched");
    }

    static ObjectNode order(MirrorOrder order) {
        ObjectNode json = Json.object()
                .put("since", StatusJson.time(order.since()))
                .put("until", StatusJson.time(order.until()))
                .put("share", order.share() / 100.0)
                .put("compareBody", Json.word(order.body()))
                .put("bodyLimit", order.bodyLimit())
                .put("maxInFlight", order.maxInFlight())
                .put("timeoutMs", order.timeout().toMillis())
                .put("reason", order.reason());
        ArrayNode headers = json.putArray("compareHeaders");
        order.headers().forEach(headers::add);
        return json;
    }

    private static ObjectNode report(MirrorReport report) {
        ObjectNode json = Json.object()
                .put("since", StatusJson.time(report.order().since()))
                .put("idle", report.idle().label())
                .put("compared", report.compared())
                .put("same", report.same())
                .put("different", report.different())
                .put("failed", report.failed())
                .put("skipped", report.skipped());
        json.putObject("differences")
                .put("status", report.status())
                .put("headers", report.headers())
                .put("body", report.body());
        ObjectNode latency = json.putObject("latency");
        latency.set("active", times(report.active()));
        latency.set("idle", times(report.copies()));
        ArrayNode paths = json.putArray("paths");
        for (MirrorReport.Route route : report.paths()) {
            ObjectNode path = paths.addObject()
                    .put("path", route.name())
                    .put("compared", route.compared())
                    .put("different", route.different())
                    .put("failed", route.failed());
            ArrayNode differences = path.putObject("example")
                    .put("at", StatusJson.time(route.example().at()))
                    .put("requestId", route.example().requestId())
                    .put("path", route.example().path())
                    .putArray("differences");
            route.example().differences().forEach(differences::add);
        }
        return json;
    }

    private static ObjectNode times(MirrorReport.Times times) {
        return Json.object()
                .put("p50Ms", Math.round(times.p50() / 1e4) / 1e2)
                .put("p99Ms", Math.round(times.p99() / 1e4) / 1e2);
    }
}
