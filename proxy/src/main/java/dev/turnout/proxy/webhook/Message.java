package dev.turnout.proxy.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.HistoryEntry;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/**
 * Immutable. One change, as it is told.
 *
 * @param id the same for all deliveries of it
 * @param body JSON
 */
record Message(String id, String action, String body) {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    Message {
        Objects.requireNonNull(id);
        Objects.requireNonNull(action);
        Objects.requireNonNull(body);
    }

    static Message of(HistoryEntry entry, Colour active) {
        String id = UUID.randomUUID().toString();
        ObjectNode json = MAPPER.createObjectNode()
                .put("id", id)
                .put("at", entry.at().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("revision", entry.revision())
                .put("action", entry.action())
                .put("from", entry.from().label())
                .put("to", entry.to().label())
                .put("active", active.label())
                .put("actor", entry.actor().name())
                .put("remoteAddress", entry.actor().remoteAddress())
                .put("reason", entry.reason());
        try {
            return new Message(id, entry.action(), MAPPER.writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
