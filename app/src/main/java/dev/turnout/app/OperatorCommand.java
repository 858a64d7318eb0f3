package dev.turnout.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.app.AdminClient.Answer;
import dev.turnout.config.Colour;
import dev.turnout.config.WarmUpSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Immutable. The commands that ask a running Turnout through its admin API: a thin client, all rules are there. */
final class OperatorCommand {

    /** The answer to a wait that was in vain. */
    private static final int ACCEPTED = 202;

    private static final String DEFAULT_ADMIN = "http://127.0.0.1:8081";
    /** If the user does not say how long to wait, the server decides; it never takes longer than this. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    /** How long a warm-up may take before a switch is carried out. */
    private static final Duration LONGEST_WARM_UP = WarmUpSettings.LONGEST_TIMEOUT.multipliedBy(2);

    private final CommandLine line;
    private final Console console;

    OperatorCommand(CommandLine line, Console console) {
        this.line = line;
        this.console = console;
    }

    /** Carries the command out and prints what came of it. */
    ExitCode run() throws UsageException {
        URI admin = adminAddress();
        try {
            AdminClient client = new AdminClient(admin, token());
            Answer answer = ask(client);
            if (!isOurs(answer)) {
                console.complain("what answers at " + admin + " (with status " + answer.status()
                        + ") is no admin API of Turnout; is the port right?");
                return ExitCode.UNREACHABLE;
            }
            if (!answer.isSuccess()) {
                console.complain(AnswerText.problem(answer.json()));
                return ExitCode.FAILED;
            }
            console.out().println(line.has(Option.JSON) ? answer.text().stripTrailing() : describe(answer.json()));
            return drainedInTime(answer) ? ExitCode.DONE : ExitCode.STILL_DRAINING;
        } catch (TokenUnreadable e) {
            console.complain("cannot read the token from " + e.file);
            return ExitCode.FAILED;
        } catch (UnknownHostException e) {
            console.complain("no answer from the admin API at " + admin + ": unknown host");
            return ExitCode.UNREACHABLE;
        } catch (IOException e) {
            console.complain("no answer from the admin API at " + admin + ": " + e.getMessage());
            return ExitCode.UNREACHABLE;
        }
    }

    private Answer ask(AdminClient client) throws IOException, UsageException {
        return switch (line.command()) {
            case STATUS -> client.get("/admin/status");
            case HISTORY -> client.get("/admin/history?limit=" + line.number(Option.LIMIT, 20, 1, 200));
            case POOLS -> client.get("/admin/pools");
            case BACKENDS -> client.get(poolPath());
            case SWITCH -> client.post("/admin/switch", switchBody(), patience());
            case ROLLBACK -> client.post("/admin/rollback", changeBody(), patience());
            case DRAIN -> client.post(place() + "/drain", drainBody(), patience());
            case UNDRAIN -> client.post(place() + "/undrain", changeBody(), Duration.ZERO);
            case RELOAD -> client.post("/admin/config/reload", reloadBody(), Duration.ZERO);
            case MAINTENANCE -> client.post("/admin/maintenance", maintenanceBody(), Duration.ZERO);
            case RUN, CHECK, DEMO, PREPARE, VERSION, HELP -> throw new IllegalStateException("not for operators");
        };
    }

    /** A port mistaken for another may well answer 200: that of the traffic, for one. */
    private boolean isOurs(Answer answer) {
        JsonNode json = answer.json();
        if (!answer.isSuccess()) {
            return json.path("type").asText().startsWith("https://turnout.dev/problems/");
        }
        return line.command() == Command.HISTORY ? json.isArray() : json.has("revision");
    }

    private ObjectNode changeBody() throws UsageException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        line.colour().filter(to -> line.command() == Command.SWITCH).ifPresent(to -> body.put("to", to.label()));
        line.value(Option.REASON).ifPresent(reason -> body.put("reason", reason));
        if (line.has(Option.DRY_RUN)) {
            body.put("dryRun", true);
        }
        if (line.has(Option.FORCE)) {
            body.put("force", true);
        }
        if (line.has(Option.NO_WARM_UP)) {
            body.put("warmUp", false);
        }
        if (waitsForDrain()) {
            body.put("wait", "drained");
            line.value(Option.TIMEOUT).ifPresent(timeout -> body.put("timeout", timeout));
        }
        return body;
    }

    private ObjectNode switchBody() throws UsageException {
        ObjectNode body = changeBody();
        line.value(Option.RAMP).ifPresent(time -> body.put("ramp", time));
        if (line.has(Option.MIN_HEALTHY)) {
            body.withObject("/gate").put("minHealthy", line.number(Option.MIN_HEALTHY, 0, 0, 100));
        }
        if (line.has(Option.MIN_CAPACITY)) {
            body.withObject("/gate").put("minCapacity", line.number(Option.MIN_CAPACITY, 0, 0, 1000));
        }
        return body;
    }

    private ObjectNode reloadBody() throws UsageException {
        ObjectNode body = changeBody();
        if (line.has(Option.DISCARD_EDITS)) {
            body.put("discardEdits", true);
        }
        return body;
    }

    private ObjectNode drainBody() throws UsageException {
        ObjectNode body = changeBody();
        if (line.address().isPresent() && (line.has(Option.DEADLINE) || line.has(Option.ON_DEADLINE))) {
            throw wrong("a drain of one backend has no deadline");
        }
        line.value(Option.DEADLINE).ifPresent(deadline -> body.put("deadline", deadline));
        line.value(Option.ON_DEADLINE).ifPresent(action -> body.put("onDeadline", action));
        if (waitsForDrain()) {
            body.put("wait", true);
        }
        return body;
    }

    private ObjectNode maintenanceBody() throws UsageException {
        return changeBody().put("enabled", !line.has(Option.OFF));
    }

    private boolean waitsForDrain() throws UsageException {
        String wait = line.value(Option.WAIT).orElse("switched");
        return switch (wait) {
            case "switched" -> {
                if (line.has(Option.TIMEOUT)) {
                    throw wrong(Option.TIMEOUT + " says how long to wait, but there is no --wait drained");
                }
                yield false;
            }
            case "drained" -> true;
            default -> throw wrong(Option.WAIT + ": " + wait + " (expected: switched or drained)");
        };
    }

    private UsageException wrong(String message) {
        return new UsageException(message, line.command().usage());
    }

    private Duration patience() throws UsageException {
        boolean warms = line.command() == Command.SWITCH && !line.has(Option.NO_WARM_UP) && !line.has(Option.DRY_RUN);
        Duration warmUp = warms ? LONGEST_WARM_UP : Duration.ZERO;
        return waitsForDrain() ? warmUp.plus(line.duration(Option.TIMEOUT, LONGEST_WAIT)) : warmUp;
    }

    /** A drain that was waited for in vain is told to a script, although the change itself was made. */
    private boolean drainedInTime(Answer answer) throws UsageException {
        return !line.has(Option.WAIT)
                || line.has(Option.DRY_RUN)
                || !waitsForDrain()
                || (answer.status() != ACCEPTED && answer.json().path("drained").asBoolean(true));
    }

    private String describe(JsonNode answer) {
        return switch (line.command()) {
            case STATUS -> StatusText.status(answer);
            case POOLS -> PoolsText.pools(answer);
            case BACKENDS -> PoolsText.backends(answer);
            case RELOAD -> AnswerText.reload(answer);
            case HISTORY -> AnswerText.history(answer);
            case SWITCH, ROLLBACK -> AnswerText.change(line.command(), answer);
            case MAINTENANCE -> AnswerText.maintenance(answer);
            case DRAIN, UNDRAIN -> AnswerText.drain(line.command(), answer);
            case RUN, CHECK, DEMO, PREPARE, VERSION, HELP -> throw new IllegalStateException("not for operators");
        };
    }

    /** The pool, or the backend of it, that is meant. */
    private String place() {
        return poolPath()
                + line.address()
                        .map(address -> "/backends/" + URLEncoder.encode(address, StandardCharsets.UTF_8))
                        .orElse("");
    }

    private String poolPath() {
        return "/admin/pools/" + line.colour().map(Colour::label).orElseThrow();
    }

    private URI adminAddress() throws UsageException {
        String text = line.value(Option.ADMIN).orElse(DEFAULT_ADMIN);
        try {
            URI uri = new URI(text);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Answered below, like an address of another kind.
        }
        throw wrong(Option.ADMIN + ": " + text + " (expected: such as " + DEFAULT_ADMIN + ")");
    }

    private Optional<String> token() throws TokenUnreadable {
        Optional<String> file = line.value(Option.TOKEN_FILE);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(Path.of(file.get())).strip());
        } catch (IOException e) {
            throw new TokenUnreadable(file.get(), e);
        }
    }

    private static final class TokenUnreadable extends Exception {
        private static final long serialVersionUID = 1L;

        private final String file;

        TokenUnreadable(String file, IOException cause) {
            super(cause);
            this.file = file;
        }
    }
}
