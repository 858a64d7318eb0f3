package dev.turnout.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Change;
import dev.turnout.proxy.control.ChangeRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads the body of a command, which may be missing, into a change. Everything that is wrong
 * is told at once by {@link #request}; a field nobody asked for is wrong too.
 */
final class CommandBody {

    private static final int LONGEST_REASON = 500;

    private final Call call;
    private final JsonNode json;
    private final Set<String> known = new HashSet<>();
    private final Faults faults = new Faults();
    private final BodyFields fields;

    private CommandBody(Call call, JsonNode json) {
        this.call = call;
        this.json = json;
        this.fields = new BodyFields(json, "", faults);
    }

    /** Reads as far as JSON goes. */
    static CommandBody of(Call call) throws Problem {
        Query.refuseAny(call);
        return besideQuery(call);
    }

    /** The same where the query is read by somebody else. */
    static CommandBody besideQuery(Call call) throws Problem {
        String text = call.request().body();
        if (text.isEmpty()) {
            return new CommandBody(call, Json.object());
        }
        // A form of another web site can send three content types, and this is none of them.
        String contentType = call.request().headers().get(HttpHeaderNames.CONTENT_TYPE);
        CharSequence mimeType = contentType == null ? null : HttpUtil.getMimeType(contentType);
        if (mimeType == null || !Reply.JSON.contentEquals(mimeType.toString().toLowerCase(Locale.ROOT))) {
            throw new Problem(
                    ProblemType.UNSUPPORTED_MEDIA_TYPE,
                    "expected: Content-Type: application/json; with curl, use --json instead of -d");
        }
        return new CommandBody(call, parse(text));
    }

    private static JsonNode parse(String text) throws Problem {
        Faults faults = new Faults();
        try {
            JsonNode json = Json.parse(text);
            if (json.isObject()) {
                return json;
            }
            faults.body("expected: a JSON object");
        } catch (JsonProcessingException e) {
            // Its message holds what the client sent; the place is enough.
            faults.body("not one well-formed JSON object with each field once: line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr());
        }
        throw faults.toProblem();
    }

    /** The fields as such, for what only some commands have; what is read there is known here. */
    BodyFields fields() {
        return fields;
    }

    Optional<Colour> colour(String name) {
        return choice(name, List.of(Colour.values()));
    }

    /** One of some constants, as {@link Json#word} spells them. */
    <E extends Enum<E>> Optional<E> choice(String name, List<E> choices) {
        JsonNode value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        for (E choice : choices) {
            if (value.isTextual() && value.textValue().equals(Json.word(choice))) {
                return Optional.of(choice);
            }
        }
        List<String> words = new ArrayList<>();
        choices.forEach(choice -> words.add(Json.word(choice)));
        faults.field(name, "expected: one of " + String.join(", ", words));
        return Optional.empty();
    }

    boolean flag(String name) {
        JsonNode value = take(name);
        if (value != null && !value.isBoolean()) {
            faults.field(name, "expected: true or false");
        }
        return value != null && value.booleanValue();
    }

    /** A flag without a default: what is left out must not put a page before all clients, nor take it away. */
    boolean requiredFlag(String name) {
        boolean value = flag(name);
        if (!json.has(name)) {
            faults.field(name, "expected: true or false");
        }
        return value;
    }

    Optional<Duration> duration(String name, Duration most) {
        JsonNode value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        Optional<Duration> duration = value.isTextual() ? DurationText.parse(value.textValue()) : Optional.empty();
        if (duration.isEmpty()) {
            faults.field(name, DurationText.EXPECTED);
        } else if (duration.get().compareTo(most) > 0) {
            faults.field(name, "expected: at most " + DurationText.of(most));
        }
        return duration;
    }

    /**
     * Reads what all commands have in common, and ends the reading.
     *
     * @param repeatable whether a repetition of the change as such does no harm
     */
    ChangeRequest request(Change change, boolean repeatable) throws Problem {
        return terms(repeatable).apply(change);
    }

    /** The same for a change that is not known yet. */
    Function<Change, ChangeRequest> terms(boolean repeatable) throws Problem {
        OptionalLong revision = expectedRevision();
        boolean dryRun = flag("dryRun");
        boolean force = flag("force");
        String reason = reason();
        json.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name) && !fields.knows(name)) {
                faults.field(name, "unknown field");
            }
        });
        faults.check();
        boolean keyed = call.request().headers().contains(IdempotencyKeys.FIELD);
        return change -> new ChangeRequest(change, revision, dryRun, force, repeatable || keyed, reason, call.actor());
    }

    /** Tells what is wrong already, before anything is looked up for it. */
    void checkSoFar() throws Problem {
        faults.check();
    }

    private OptionalLong expectedRevision() {
        OptionalLong matched = RevisionTag.ifMatch(call.request().headers(), faults);
        JsonNode value = take("expectedRevision");
        if (value == null) {
            return matched;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            faults.field("expectedRevision", "expected: a whole number from 0 on");
            return OptionalLong.empty();
        }
        if (matched.isPresent() && matched.getAsLong() != value.longValue()) {
            faults.field("expectedRevision", "contradicts If-Match");
        }
        return OptionalLong.of(value.longValue());
    }

    /** The reason, for a command that keeps it; asked for again at the end. */
    String knownReason() {
        return reason();
    }

    /** It ends up in the state file, the log and terminals, so it is one short line. */
    private String reason() {
        JsonNode value = take("reason");
        if (value == null) {
            return "";
        }
        if (!value.isTextual()) {
            faults.field("reason", "expected: a string");
            return "";
        }
        String reason = value.textValue();
        if (reason.codePointCount(0, reason.length()) > LONGEST_REASON) {
            faults.field("reason", "expected: at most " + LONGEST_REASON + " characters");
        }
        if (reason.codePoints().anyMatch(CommandBody::breaksLine)) {
            faults.field("reason", "expected: no control characters");
        }
        return reason;
    }

    private static boolean breaksLine(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            default -> false;
        };
    }

    /** A null is a value, and a wrong one: {@code "to": null} out of an empty variable must not toggle. */
    private @Nullable JsonNode take(String name) {
        known.add(name);
        return json.get(name);
    }
}
