package dev.turnout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ActionPlace;
import java.util.ArrayList;
import java.util.List;

/** Immutable. Answers of the admin API in words for a person; what a field is missing for is left out. */
final class AnswerText {

    private AnswerText() {}

    /** What a switch or rollback did. */
    static String change(Command command, JsonNode change) {
        String to = change.path("to").asText();
        String revision = ", revision " + change.path("revision").asText();
        if (!change.path("changed").asBoolean()) {
            return to + " was active already" + revision;
        }
        String from = change.path("from").asText();
        String other = to.equals(Colour.BLUE.label()) ? Colour.GREEN.label() : Colour.BLUE.label();
        JsonNode canary = change.path("canary");
        String moved = from.equals(to)
                ? stayed(command, to)
                : from + " -> " + to
                        + (canary.isObject()
                                ? ", ramping in " + canary.path("steps").asText() + " steps"
                                : "");
        String warning =
                change.has("warning") ? "; warning: " + change.path("warning").asText() : "";
        if (change.path("dryRun").asBoolean()) {
            return (from.equals(to) ? "would be: " : "would change ") + moved + gate(change.path("gate")) + warning
                    + " (dry run, nothing was changed)" + wouldWarmUp(change.path("warmUp"));
        }
        String text = moved + revision + ", took " + change.path("tookMs").asText() + " ms" + gate(change.path("gate"));
        String drained = change.has("drained") ? drained(other, change) : "";
        return text + drained + warmUp(change.path("warmUp")) + warning;
    }

    /** What a command changed that left the traffic with its colour. */
    private static String stayed(Command command, String active) {
        return command == Command.ROLLBACK
                ? "called off, all requests go to " + active
                : active + " takes requests again";
    }

    private static String warmUp(JsonNode warmUp) {
        if (!warmUp.isObject()) {
            return "";
        }
        StringBuilder text = new StringBuilder("; warmed up before: ")
                .append(warmth(warmUp))
                .append(", ")
                .append(warmUp.path("failed").asText())
                .append(" failed");
        for (JsonNode failure : warmUp.path("failures")) {
            text.append(String.format("%n  %s", failure.asText()));
        }
        return text.toString();
    }

    private static String wouldWarmUp(JsonNode warmUp) {
        return warmUp.isObject() ? String.format("%n  would be warmed up before: %s", warmth(warmUp)) : "";
    }

    private static String warmth(JsonNode warmUp) {
        return warmUp.path("backends").asText() + " backends with "
                + warmUp.path("requests").asText() + " requests and "
                + warmUp.path("connections").asText() + " connections";
    }

    /** What a switch found: whether the new colour could bear what is in flight. */
    private static String gate(JsonNode gate) {
        if (!gate.isObject()) {
            return "";
        }
        JsonNode room = gate.path("room");
        return "; " + gate.path("usable").asText() + " of " + gate.path("total").asText() + " usable, "
                + gate.path("inFlight").asText() + " in flight"
                + (room.isNumber() ? ", room for " + room.asText() : "");
    }

    /** What a drain or undrain did. */
    static String drain(Command command, JsonNode change) {
        String pool = change.path("colour").asText();
        String colour = change.has("address") ? change.path("address").asText() + " of " + pool : pool;
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

    /** What reading the file again came to. */
    static String reload(JsonNode answer) {
        boolean dryRun = answer.path("dryRun").asBoolean();
        StringBuilder text = new StringBuilder();
        if (answer.path("changed").asBoolean()) {
            text.append(dryRun ? "would be put in force: " : "in force: ")
                    .append(
                            answer.path("applied").isEmpty()
                                    ? "the file, which says no other than what was edited"
                                    : listed(answer.path("applied")));
        } else {
            text.append("nothing to change");
        }
        text.append(
                dryRun
                        ? " (dry run, nothing was changed)"
                        : ", revision " + answer.path("revision").asText());
        for (JsonNode key : answer.path("needRestart")) {
            text.append(String.format("%n  takes a restart: %s", key.asText()));
        }
        for (JsonNode colour : answer.path("editedPools")) {
            text.append(String.format("%n  stays as it was edited at run time: %s", colour.asText()));
        }
        for (JsonNode warning : answer.path("warnings")) {
            text.append(String.format("%n  %s", warning.asText()));
        }
        return text.toString();
    }

    private static String listed(JsonNode texts) {
        List<String> all = new ArrayList<>();
        texts.forEach(each -> all.add(each.asText()));
        return String.join(", ", all);
    }

    private static String drained(String colour, JsonNode change) {
        // Of one backend, what it is like stands in an object of its own; none is there any more if it was leaving.
        String inFlight = change.has("backend")
                ? change.path("backend").path("inFlight").asText("0")
                : change.path("inFlight").asText();
        return change.path("drained").asBoolean(change.has("backend") && inFlight.equals("0"))
                ? "; " + colour + " is drained"
                : "; " + inFlight + " still in flight on " + colour;
    }

    /** A line for each change, newest first. */
    static String history(JsonNode history) {
        if (history.isEmpty()) {
            return "no changes yet";
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode entry : history) {
            text.append(String.format(
                            "r%-5s %s  %-8s %-14s  by %s  %s",
                            entry.path("revision").asText(),
                            entry.path("at").asText(),
                            (entry.path("action").asText() + " "
                                            + entry.path("about").asText(""))
                                    .strip(),
                            ActionPlace.of(
                                    entry.path("action").asText(),
                                    entry.path("from").asText(),
                                    entry.path("to").asText()),
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
