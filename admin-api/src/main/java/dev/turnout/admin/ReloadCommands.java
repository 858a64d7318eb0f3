package dev.turnout.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.SettingsException;
import dev.turnout.proxy.control.ConfigReload;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Confined to one event loop. The configuration file, read again. */
final class ReloadCommands {

    private final Control control;

    ReloadCommands(Control control) {
        this.control = control;
    }

    /** POST /admin/config/reload. */
    CompletableFuture<Reply> reload(Call call) throws Problem {
        CommandBody body = CommandBody.of(call);
        boolean discardEdits = body.flag("discardEdits");
        boolean dryRun = body.flag("dryRun");
        ConfigReload.Order order = new ConfigReload.Order(discardEdits, dryRun, body.terms(true));
        return control.reload(order).handle((outcome, failure) -> {
            if (failure == null) {
                return reply(outcome);
            }
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause instanceof SettingsException settings) {
                return refused(settings).toReply();
            }
            throw new CompletionException(cause);
        });
    }

    private static Problem refused(SettingsException settings) {
        Faults faults = new Faults();
        settings.problems().forEach(problem -> faults.body(problem.toString()));
        return new Problem(ProblemType.CONFIG_NOT_VALID, "nothing was changed, see errors").with(faults);
    }

    private static Reply reply(ConfigReload.Outcome outcome) {
        ObjectNode json = Commands.outcome(outcome.result());
        ArrayNode applied = json.putArray("applied");
        outcome.applied().forEach(applied::add);
        ArrayNode restart = json.putArray("needRestart");
        outcome.needRestart().forEach(restart::add);
        ArrayNode standing = json.putArray("editedPools");
        outcome.standing().forEach(colour -> standing.add(colour.label()));
        ArrayNode dropped = json.putArray("droppedEdits");
        outcome.dropped().forEach(colour -> dropped.add(colour.label()));
        ArrayNode warnings = json.putArray("warnings");
        outcome.allWarnings().forEach(warnings::add);
        return Reply.json(200, json).withRevision(outcome.result().revision());
    }
}
