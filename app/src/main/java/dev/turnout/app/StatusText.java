package dev.turnout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import java.util.ArrayList;
import java.util.List;

/** Immutable. The status in words for a person; what a field is missing for is left out. */
final class StatusText {

    private StatusText() {}

    /** The active colour, then a line for each pool, and under it one for each of its backends of which something is to be said. */
    static String status(JsonNode status) {
        StringBuilder text = new StringBuilder(String.format(
                "%s is active, revision %s, %s",
                status.path("active").asText(),
                status.path("revision").asText(),
                status.path("mode").asText()));
        for (Colour colour : Colour.values()) {
            pool(text, colour.label(), status.path("pools").path(colour.label()));
        }
        if (status.path("maintenance").asBoolean()) {
            text.append(String.format("%n  maintenance: all new requests are answered with 503"));
        }
        text.append(orders(status));
        String problem = status.path("store").path("problem").asText("");
        if (!problem.isEmpty() && !problem.equals("null")) {
            text.append(String.format("%n  state file: %s", problem));
        }
        config(text, status.path("config"));
        return text.toString();
    }

    /** Why what is in force is not what the file says; nothing if it is. */
    private static void config(StringBuilder text, JsonNode config) {
        JsonNode last = config.path("lastReload");
        if (last.path("result").asText().equals("refused")) {
            JsonNode problems = last.path("problems");
            text.append(String.format(
                    "%n  config: the reload at %s was refused: %s%s",
                    last.path("at").asText(),
                    problems.path(0).asText("see the log"),
                    problems.size() > 1 ? "; and more, see the log" : ""));
        }
        List<String> keys = new ArrayList<>();
        config.path("needRestart").forEach(key -> keys.add(key.asText()));
        if (!keys.isEmpty()) {
            text.append(String.format("%n  config: takes a restart: %s", String.join(", ", keys)));
        }
    }

    private static void pool(StringBuilder text, String label, JsonNode pool) {
        text.append(String.format("%n  %-5s  %-6s  %s", label, pool.path("role").asText(), counts(pool)));
        for (JsonNode backend : pool.path("backends")) {
            String why = why(pool, backend);
            if (!why.isEmpty()) {
                text.append(String.format(
                        "%n           %s %s", backend.path("address").asText(), why));
            }
        }
        for (JsonNode name : pool.path("names")) {
            if (name.path("problem").isTextual()) {
                text.append(String.format(
                        "%n           %s: %s",
                        name.path("name").asText(), name.path("problem").asText()));
            }
        }
    }

    /** How many backends there are and what a pool does, on one line. */
    private static String counts(JsonNode pool) {
        String total = "/" + pool.path("total").asText();
        List<String> words = new ArrayList<>();
        words.add(pool.path("healthy").asText() + total + " healthy");
        if (pool.has("usable")) {
            words.add(pool.path("usable").asText() + total + " usable");
        }
        words.add(pool.path("inFlight").asText() + " in flight");
        if (pool.path("pending").asLong() > 0) {
            words.add(pool.path("pending").asText() + " waiting");
        }
        String version = pool.path("version").asText();
        if (!version.isEmpty()) {
            words.add("version " + version);
        }
        words.addAll(remarks(pool));
        return String.join("  ", words);
    }

    /** What is to be said of a pool besides numbers. */
    static List<String> remarks(JsonNode pool) {
        List<String> words = new ArrayList<>();
        String drain = pool.path("drain").path("state").asText();
        if (!drain.isEmpty()) {
            words.add(drain);
        }
        if (pool.path("keepsUsers").asBoolean()) {
            words.add("keeps its users");
        }
        if (pool.path("panic").asBoolean()) {
            words.add("panic: all are used");
        }
        if (pool.path("source").asText().equals("api")) {
            words.add("edited at run time");
        }
        return words;
    }

    /** Why a backend of that pool does not plainly serve; empty if it does. */
    static String why(JsonNode pool, JsonNode backend) {
        List<String> reasons = new ArrayList<>();
        String state = backend.path("state").asText("serving");
        if (!state.equals("serving")) {
            reasons.add((state.equals("leaving") ? "is leaving" : "is drained by order") + ", "
                    + backend.path("inFlight").asText() + " in flight");
        }
        if (!backend.path("up").asBoolean()) {
            String since = backend.path("since").textValue();
            reasons.add("is down" + (since == null ? "" : " since " + since) + ": "
                    + backend.path("lastProbe").path("detail").asText("not probed yet"));
        }
        JsonNode ejected = backend.path("ejected");
        if (ejected.isObject()) {
            reasons.add("is ejected until " + ejected.path("until").asText() + ": "
                    + ejected.path("reason").asText());
        }
        if (backend.path("weight").asInt(1) == 0) {
            reasons.add("has weight 0");
        }
        if (backend.path("slowStartPercent").isNumber()) {
            reasons.add("is in slow start, " + backend.path("slowStartPercent").asText() + " % of its weight");
        }
        if (!backend.path("listed").asBoolean(true)) {
            reasons.add("is not listed by " + backend.path("name").asText("its name") + " any more");
        }
        if (standsBy(pool, backend)) {
            reasons.add("stands by: priority " + backend.path("priority").asText() + " of "
                    + backend.path("name").asText());
        }
        return String.join("; ", reasons);
    }

    /** Whether it could serve, and others do that the records of its name put before it. */
    private static boolean standsBy(JsonNode pool, JsonNode backend) {
        if (!backend.path("name").isTextual()
                || !isFit(backend)
                || pool.path("panic").asBoolean()) {
            return false;
        }
        for (JsonNode other : pool.path("backends")) {
            if (isFit(other)
                    && other.path("name").equals(backend.path("name"))
                    && other.path("priority").asInt() < backend.path("priority").asInt()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFit(JsonNode backend) {
        return backend.path("up").asBoolean()
                && backend.path("state").asText("serving").equals("serving")
                && !backend.path("ejected").isObject()
                && backend.path("weight").asInt(1) > 0;
    }

    private static String orders(JsonNode status) {
        StringBuilder text = new StringBuilder();
        JsonNode release = status.path("release");
        if (release.isObject()) {
            text.append(String.format(
                    "%n  release %s: %s has %s %%, %s",
                    release.path("releaseId").asText(),
                    release.path("candidate").asText(),
                    release.path("weight").asText(),
                    release.path("paused").asBoolean()
                            ? "paused"
                            : release.path("phase").asText().equals("bake")
                                    ? "watched after the switch"
                                    : "in step " + release.path("step").asText()));
        }
        JsonNode hold = status.path("hold");
        if (hold.isObject()) {
            text.append(String.format(
                    "%n  hold: new requests wait%s until %s, %s do",
                    hold.path("switchTo").isTextual()
                            ? " for a switch to " + hold.path("switchTo").asText()
                            : "",
                    hold.path("until").asText(),
                    hold.path("waiting").asText()));
        }
        JsonNode mirror = status.path("mirror");
        if (mirror.isObject()) {
            text.append(String.format(
                    "%n  mirror: copies of %s %% go to the idle colour until %s",
                    mirror.path("share").asText(), mirror.path("until").asText()));
        }
        JsonNode freeze = status.path("freeze");
        if (freeze.isObject()) {
            text.append(String.format(
                    "%n  freeze: no release until %s, by %s: %s",
                    freeze.path("until").asText(),
                    freeze.path("by").asText(),
                    freeze.path("reason").asText()));
        }
        JsonNode rollback = status.path("rollback");
        String state = rollback.path("state").asText();
        if (state.equals("STALE") || state.equals("DONE")) {
            text.append(String.format("%n  rollback: %s", rollback.path("why").asText()));
        } else if (state.equals("IMPOSSIBLE") && rollback.path("to").isTextual()) {
            text.append(String.format(
                    "%n  rollback: impossible now: %s", rollback.path("why").asText()));
        }
        return text.toString();
    }
}
