package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.proxy.control.ChangeRefused;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Immutable. An error reply (RFC 9457): what a client gets instead of what it asked for. */
final class Problem extends Exception {

    private static final long serialVersionUID = 1L;

    private final ProblemType type;
    private final transient OptionalLong revision;
    private final transient List<Faults.Fault> faults;
    private final transient Map<String, String> headers;

    /**
     * @param detail what is wrong with this request and what to do; without text of the client, or with it in quotes and
     *     bounded
     */
    Problem(ProblemType type, String detail) {
        this(type, detail, OptionalLong.empty(), List.of(), Map.of());
    }

    private Problem(
            ProblemType type,
            String detail,
            OptionalLong revision,
            List<Faults.Fault> faults,
            Map<String, String> headers) {
        super(Objects.requireNonNull(detail), null, false, false);
        this.type = type;
        this.revision = revision;
        this.faults = List.copyOf(faults);
        this.headers = Map.copyOf(headers);
    }

    static Problem invalid(List<Faults.Fault> faults) {
        String detail = faults.size() == 1 ? "one fault" : faults.size() + " faults";
        return new Problem(ProblemType.VALIDATION, detail + ", see errors", OptionalLong.empty(), faults, Map.of());
    }

    static Problem of(ChangeRefused refused) {
        String detail = Objects.requireNonNullElse(refused.getMessage(), "");
        OptionalLong revision = OptionalLong.of(refused.revision());
        return new Problem(ProblemType.of(refused.kind()), detail, revision, List.of(), Map.of());
    }

    /** The same problem with one more header field. */
    Problem with(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new Problem(type, Objects.requireNonNullElse(getMessage(), ""), revision, faults, more);
    }

    /** The same problem with all that is wrong. */
    Problem with(Faults all) {
        return new Problem(type, Objects.requireNonNullElse(getMessage(), ""), revision, all.list(), headers);
    }

    ProblemType type() {
        return type;
    }

    Reply toReply() {
        ObjectNode json = Json.object();
        json.put("type", "https://turnout.dev/problems/" + type.word());
        json.put("title", type.title());
        json.put("status", type.status());
        json.put("detail", getMessage());
        revision.ifPresent(number -> json.put("revision", number));
        if (!faults.isEmpty()) {
            ArrayNode errors = json.putArray("errors");
            faults.forEach(
                    fault -> errors.addObject().put("pointer", fault.pointer()).put("message", fault.message()));
        }
        Reply reply = new Reply(type.status(), "application/problem+json", Json.text(json), headers)
                .with("X-Turnout-Error", type.word());
        return revision.isPresent() ? reply.withRevision(revision.getAsLong()) : reply;
    }
}
