package dev.turnout.app;

import java.util.Arrays;
import java.util.Optional;

/** Immutable. What may follow a command, written {@code --name VALUE} or {@code --name=VALUE}. */
enum Option {
    CONFIG("config", "FILE", "the configuration"),
    PORT("port", "PORT", "where clients are served (8080)"),
    ADMIN_PORT("admin-port", "PORT", "where the admin API listens (8081)"),
    ADMIN("admin", "URL", "the admin API to talk to (http://127.0.0.1:8081)"),
    TOKEN_FILE("token-file", "FILE", "holds the bearer token for the admin API"),
    REASON("reason", "TEXT", "for the history"),
    FORCE("force", "", "even where a check of health or role says no"),
    OFF("off", "", "end it"),
    DISCARD_EDITS("discard-edits", "", "pools edited at run time go back to what the file says"),
    RAMP("ramp", "TIME", "the share of the new colour grows over this time, such as 60s"),
    MIN_HEALTHY("min-healthy", "PERCENT", "of its backends that must be usable (as the configuration says)"),
    MIN_CAPACITY("min-capacity", "PERCENT", "of the weight that carries the traffic now (as the configuration says)"),
    DRY_RUN("dry-run", "", "check everything, change nothing"),
    NO_WARM_UP("no-warm-up", "", "at once, without the requests of warm-up in the configuration"),
    WAIT("wait", "switched|drained", "what to wait for before the command ends (switched)"),
    TIMEOUT("timeout", "TIME", "how long to wait, such as 30s or 5m"),
    DEADLINE("deadline", "TIME", "how long requests in flight may take, such as 5m"),
    ON_DEADLINE("on-deadline", "report|close-idle|close", "what then happens to them (report)"),
    LIMIT("limit", "N", "how many entries (20)"),
    JSON("json", "", "print the answer of the admin API as it is");

    private final String word;
    private final String value;
    private final String summary;

    Option(String word, String value, String summary) {
        this.word = word;
        this.value = value;
        this.summary = summary;
    }

    /** The option of that name, given without the dashes. */
    static Optional<Option> named(String word) {
        return Arrays.stream(values())
                .filter(option -> option.word.equals(word))
                .findFirst();
    }

    boolean takesValue() {
        return !value.isEmpty();
    }

    String summary() {
        return summary;
    }

    /** As the user writes it: {@code --config FILE}. */
    @Override
    public String toString() {
        return takesValue() ? "--" + word + " " + value : "--" + word;
    }
}
