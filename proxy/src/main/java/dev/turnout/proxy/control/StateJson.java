package dev.turnout.proxy.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.Freeze;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.Orders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Immutable. The form of the state file: {@code {"format":1,"crc32c":"0a1b2c3d","state":{...}}}. The checksum is over the
 * state as this class writes it, so that white space does not matter and any other difference does.
 */
final class StateJson {

    private static final int FORMAT = 1;

    /** All but ASCII is escaped: then even half a surrogate pair in a reason comes back as it was. */
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private StateJson() {}

    /** The content of a state file. */
    static byte[] write(SavedState state) {
        ObjectNode tree = toTree(state);
        ObjectNode file = MAPPER.createObjectNode();
        file.put("format", FORMAT);
        file.put("crc32c", checksum(tree));
        file.set("state", tree);
        return bytes(file);
    }

    /**
     * Reads the content of a state file.
     *
     * @throws IOException whose message says what is wrong with it
     */
    static SavedState read(byte[] content) throws IOException {
        try {
            JsonNode file = MAPPER.readTree(content);
            int format = file.required("format").asInt();
            if (format != FORMAT) {
                throw new IOException(
                        "it has format " + format + ", this version of Turnout knows only format " + FORMAT);
            }
            JsonNode tree = file.required("state");
            if (!checksum(tree).equals(file.required("crc32c").asText())) {
                throw new IOException("its checksum is wrong");
            }
            return toState(tree);
        } catch (JsonProcessingException e) {
            throw new IOException("it is no JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("it is no routing state: " + e.getMessage(), e);
        }
    }

    /** {@code text} as a JSON string: one line of ASCII, whatever is in it. */
    static String quoted(String text) {
        try {
            return MAPPER.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String checksum(JsonNode tree) {
        CRC32C crc = new CRC32C();
        crc.update(bytes(tree));
        return String.format("%08x", crc.getValue());
    }

    private static byte[] bytes(JsonNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode toTree(SavedState state) {
        ObjectNode tree = MAPPER.createObjectNode();
        tree.put("revision", state.revision());
        tree.put("active", state.active().name());
        state.previous().ifPresent(previous -> tree.put("previous", previous.name()));
        tree.put("activeSince", state.activeSince().toString());
        state.wentBack().ifPresent(at -> tree.put("wentBack", at.toString()));
        if (state.orders().maintenance()) {
            // Left out otherwise, so that a file without it is the same as one of a version that knows of none.
            tree.put("maintenance", true);
        }
        state.orders().freeze().ifPresent(freeze -> tree.putObject("freeze")
                .put("since", freeze.since().toString())
                .put("until", freeze.until().toString())
                .put("by", freeze.by())
                .put("reason", freeze.reason()));
        state.orders().release().ifPresent(release -> ReleaseJson.write(release, tree.putObject("release")));
        if (!state.leftWith().isEmpty()) {
            tree.put("leftWith", state.leftWith());
        }
        state.orders().hold().ifPresent(hold -> tree.putObject("hold")
                .put("revision", hold.revision())
                .put("since", hold.since().toString())
                .put("until", hold.until().toString())
                .put("maxQueued", hold.maxQueued())
                .put("maxBytes", hold.maxBytes())
                .put("reason", hold.reason())
                .put("switchTo", hold.switchTo().map(Colour::name).orElse(null)));
        tree.put("keepsUsers", state.orders().keepsUsers());
        state.orders().mirror().ifPresent(mirror -> writeMirror(mirror, tree.putObject("mirror")));
        if (!state.pools().isEmpty()) {
            PoolsJson.write(state.pools(), state.drained(), tree.putArray("pools"));
        }
        if (!state.names().isEmpty()) {
            PoolsJson.writeNames(state.names(), tree.putArray("names"));
        }
        if (!state.drained().addresses().isEmpty()) {
            PoolsJson.writeDrains(state.drained(), tree.putObject("drained"));
        }
        ArrayNode drains = tree.putArray("drains");
        for (DrainOrder order : state.orders().drains()) {
            drains.addObject()
                    .put("colour", order.colour().name())
                    .put("since", order.since().toString())
                    .put("deadline", order.deadline().toString())
                    .put("onDeadline", order.onDeadline().name());
        }
        ArrayNode history = tree.putArray("history");
        for (HistoryEntry entry : state.history()) {
            ObjectNode node = history.addObject()
                    .put("revision", entry.revision())
                    .put("at", entry.at().toString())
                    .put("actor", entry.actor().name())
                    .put("remoteAddress", entry.actor().remoteAddress())
                    .put("action", entry.action())
                    .put("from", entry.from().name())
                    .put("to", entry.to().name())
                    .put("reason", entry.reason());
            if (!entry.about().isEmpty()) {
                node.put("about", entry.about());
            }
        }
        return tree;
    }

    private static SavedState toState(JsonNode tree) {
        List<DrainOrder> drains = new ArrayList<>();
        for (JsonNode order : tree.required("drains")) {
            drains.add(new DrainOrder(
                    colour(order, "colour"),
                    instant(order, "since"),
                    instant(order, "deadline"),
                    DrainOrder.OnDeadline.valueOf(text(order, "onDeadline"))));
        }
        List<HistoryEntry> history = new ArrayList<>();
        for (JsonNode entry : tree.required("history")) {
            history.add(new HistoryEntry(
                    entry.required("revision").asLong(),
                    instant(entry, "at"),
                    new Actor(text(entry, "actor"), text(entry, "remoteAddress")),
                    text(entry, "action"),
                    colour(entry, "from"),
                    colour(entry, "to"),
                    text(entry, "reason"),
                    HistoryEntry.MADE,
                    entry.path("about").asText("")));
        }
        return new SavedState(
                tree.required("revision").asLong(),
                colour(tree, "active"),
                tree.has("previous") ? Optional.of(colour(tree, "previous")) : Optional.empty(),
                instant(tree, "activeSince"),
                wentBack(tree, history),
                new Orders(
                        drains,
                        tree.path("maintenance").asBoolean(false),
                        freeze(tree),
                        tree.has("release")
                                ? Optional.of(ReleaseJson.read(tree.required("release")))
                                : Optional.empty(),
                        hold(tree.path("hold")),
                        // Older files have none: there it followed from the rest.
                        tree.path("keepsUsers").asBoolean(true),
                        mirror(tree.path("mirror"))),
                history,
                tree.path("leftWith").asText(""),
                PoolsJson.read(tree.path("pools")),
                PoolsJson.readNames(tree.path("names")),
                PoolsJson.readDrains(tree.path("drained"), tree.path("pools")));
    }

    private static Optional<Instant> wentBack(JsonNode tree, List<HistoryEntry> history) {
        if (tree.has("wentBack")) {
            return Optional.of(instant(tree, "wentBack"));
        }
        // Every file that could say it says this.
        return tree.has("keepsUsers") ? Optional.empty() : SavedState.wentBack(colour(tree, "active"), history);
    }

    private static Optional<Freeze> freeze(JsonNode tree) {
        if (!tree.has("freeze")) {
            return Optional.empty();
        }
        JsonNode freeze = tree.required("freeze");
        return Optional.of(new Freeze(
                instant(freeze, "since"), instant(freeze, "until"), text(freeze, "by"), text(freeze, "reason")));
    }

    private static Optional<HoldOrder> hold(JsonNode order) {
        return order.isMissingNode()
                ? Optional.empty()
                : Optional.of(new HoldOrder(
                        order.required("revision").asLong(),
                        instant(order, "since"),
                        instant(order, "until"),
                        order.required("maxQueued").asInt(),
                        order.required("maxBytes").asLong(),
                        text(order, "reason"),
                        order.hasNonNull("switchTo") ? Optional.of(colour(order, "switchTo")) : Optional.empty()));
    }

    private static void writeMirror(MirrorOrder mirror, ObjectNode tree) {
        tree.put("revision", mirror.revision())
                .put("since", mirror.since().toString())
                .put("until", mirror.until().toString())
                .put("share", mirror.share())
                .put("body", mirror.body().name())
                .put("bodyLimit", mirror.bodyLimit())
                .put("maxInFlight", mirror.maxInFlight())
                .put("timeout", mirror.timeout().toString())
                .put("reason", mirror.reason());
        ArrayNode headers = tree.putArray("headers");
        mirror.headers().forEach(headers::add);
    }

    private static Optional<MirrorOrder> mirror(JsonNode order) {
        if (order.isMissingNode()) {
            return Optional.empty();
        }
        List<String> headers = new ArrayList<>();
        order.required("headers").forEach(name -> headers.add(name.asText()));
        return Optional.of(new MirrorOrder(
                order.required("revision").asLong(),
                instant(order, "since"),
                instant(order, "until"),
                order.required("share").asInt(),
                headers,
                MirrorOrder.Body.valueOf(text(order, "body")),
                order.required("bodyLimit").asInt(),
                order.required("maxInFlight").asInt(),
                Duration.parse(text(order, "timeout")),
                text(order, "reason")));
    }

    private static String text(JsonNode node, String name) {
        return node.required(name).asText();
    }

    private static Colour colour(JsonNode node, String name) {
        return Colour.valueOf(text(node, name));
    }

    private static Instant instant(JsonNode node, String name) {
        return Instant.parse(text(node, name));
    }
}
