package dev.turnout.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Immutable. An answer before it is put into HTTP. */
record Reply(int status, String contentType, String body, Map<String, String> headers) {

    static final String JSON = "application/json";

    Reply {
        Objects.requireNonNull(contentType);
        Objects.requireNonNull(body);
        headers = Map.copyOf(headers);
    }

    static Reply json(int status, JsonNode body) {
        return new Reply(status, JSON, Json.text(body), Map.of());
    }

    static Reply text(String contentType, String body) {
        return new Reply(200, contentType, body, Map.of());
    }

    /** The client has this already (RFC 9110 section 15.4.5). */
    static Reply notModified(long revision) {
        return new Reply(304, "", "", Map.of()).withRevision(revision);
    }

    Reply with(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new Reply(status, contentType, body, more);
    }

    Reply withRevision(long revision) {
        return with("ETag", RevisionTag.of(revision));
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }
}
