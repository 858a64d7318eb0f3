package dev.turnout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;

/** Immutable. Answers of the admin API in words for a person; what a field is missing for is left out. */
final class AnswerText {

    private AnswerText() {}

    /** The active colour, then a line for each pool. */
    static String status(JsonNode status) {
        StringBuilder text = new StringBuilder(String.format(
                "%s is active, revision %s, %s",
                status.path("active").asText(),
                status.path("revision").asText(),
                status.path("mode").asText()));
        for (Colour colour : Colour.values()) {
            JsonNode pool = status.path("pools").path(colour.label());
            text.append(String.format(
                    "%n  %-5s  %-6s  %s/%s healthy  %s in flight",
                    colour.label(),
                    pool.path("role").asText(),
                    pool.path("healthy").asText(),
                    pool.path("total").asText(),
                    pool.path("inFlight").asText()));
            String version = pool.path("version").asText();
            if (!version.isEmpty()) {
                text.append("  version ").append(version);
            }
            String drain = pool.path("drain").path("state").asText();
            if (!drain.isEmpty()) {
                text.append("  ").append(drain);
            }
            for (JsonNode backend : pool.path("backends")) {
                if (!backend.path("up").asBoolean()) {
                    text.append(down(backend));
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
        if (status.path("maintenance").asBoolean()) {
            text.append(String.format("%n  maintenance: all new requests are answered with 503"));
        }
        text.append(orders(status));
        String problem = status.path("store").path("problem").asText("");
        if (!problem.isEmpty() && !problem.equals("null")) {
            text.append(String.format("%n  state file: %s", problem));
        }
        return text.toString();
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
                    "%n  hold: new requests wait until %s, %s do",
                    hold.path("until").asText(), hold.path("waiting").asText()));
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
        if (rollback.path("state").asText().equals("STALE")) {
            text.append(String.format("%n  rollback: %s", rollback.path("why").asText()));
        }
        return text.toString();
    }

    private static String down(JsonNode backend) {
        String since = backend.path("since").textValue();
        return String.format(
                "%n           %s is down%s: %s",
                backend.path("address").asText(),
                since == null ? "" : " since " + since,
                backend.path("lastProbe").path("detail").asText("not probed yet"));
    }

    /** What a switch or rollback did. */
    static String change(JsonNode change) {
        String to = change.path("to").asText();
        String revision = ", revision " + change.path("revision").asText();
        if (!change.path("changed").asBoolean()) {
            return to + " was active already" + revision;
        }
        String fromTo = change.path("from").asText() + " -> " + to;
        if (change.path("dryRun").asBoolean()) {
            return "would change " + fromTo + " (dry run, nothing was changed)";
        }
        String text = fromTo + revision + ", took " + change.path("tookMs").asText() + " ms";
        String drained = change.has("drained") ? drained(change.path("from").asText(), change) : "";
        return text + drained + warmUp(change.path("warmUp"));
    }

    private static String warmUp(JsonNode warmUp) {
        if (!warmUp.isObject()) {
            return "";
        }
        StringBuilder text = new StringBuilder("; warmed up before: ")
                .append(warmUp.path("backends").asText())
                .append(" backends with ")
                .append(warmUp.path("requests").asText())
                .append(" requests and ")
                .append(warmUp.path("connections").asText())
                .append(" connections, ")
                .append(warmUp.path("failed").asText())
                .append(" failed");
        for (JsonNode failure : warmUp.path("failures")) {
            text.append(String.format("%n  %s", failure.asText()));
        }
        return text.toString();
    }

    /** What a drain or undrain did. */
    static String drain(Command command, JsonNode change) {
        String colour = change.path("colour").asText();
        String prefix = change.path("dryRun").asBoolean() ? "dry run, nothing was changed: " : "";
        String revision = ", revision " + change.path("revision").asText();
        boolean changed = change.path("changed").asBoolean();
        if (command == Command.DRAIN) {
            String already = changed ? "" : " already";
            return prefix + colour + " takes no new requests" + already + revision + drained(colour, change);
        }
        return prefix + colour + (changed ? " is no longer" : " was not") + " under an order to drain" + revision;
    }

    /** What the command for maintenance did. */
    static String maintenance(JsonNode change) {
        String prefix = change.path("dryRun").asBoolean() ? "dry run, nothing was changed: " : "";
        String already = change.path("changed").asBoolean() ? "" : " already";
        return prefix + "maintenance is " + (change.path("enabled").asBoolean() ? "on" : "off") + already
                + ", revision " + change.path("revision").asText();
    }

    private static String drained(String colour, JsonNode change) {
        return change.path("drained").asBoolean()
                ? "; " + colour + " is drained"
                : "; " + change.path("inFlight").asText() + " still in flight on " + colour;
    }

    /** A line for each change, newest first. */
    static String history(JsonNode history) {
        if (history.isEmpty()) {
            return "no changes yet";
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode entry : history) {
            String from = entry.path("from").asText();
            String to = entry.path("to").asText();
            text.append(String.format(
                            "r%-5s %s  %-8s %-14s  by %s  %s",
                            entry.path("revision").asText(),
                            entry.path("at").asText(),
                            (entry.path("action").asText() + " "
                                            + entry.path("about").asText(""))
                                    .strip(),
                            from.equals(to) ? to : from + " -> " + to,
                            entry.path("actor").path("name").asText(),
                            entry.path("reason").asText())
                    .stripTrailing());
            String result = entry.path("result").asText("made");
            if (!result.equals("made")) {
                text.append("  ").append(result);
            }
            text.append(System.lineSeparator());
        }
        return text.toString().stripTrailing();
    }

    /** {@code title: detail} of a problem, then a line for each fault of the request. */
    static String problem(JsonNode problem) {
        StringBuilder text = new StringBuilder(problem.path("title").asText());
        if (problem.has("detail")) {
            text.append(": ").append(problem.path("detail").asText());
        }
        for (JsonNode error : problem.path("errors")) {
            text.append(String.format(
                    "%n  %s %s",
                    error.path("pointer").asText(), error.path("message").asText()));
        }
        return text.toString();
    }
}
