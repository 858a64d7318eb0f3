package dev.turnout.app;

import static dev.turnout.app.Option.ADMIN;
import static dev.turnout.app.Option.ADMIN_PORT;
import static dev.turnout.app.Option.CONFIG;
import static dev.turnout.app.Option.DEADLINE;
import static dev.turnout.app.Option.DISCARD_EDITS;
import static dev.turnout.app.Option.DRY_RUN;
import static dev.turnout.app.Option.FORCE;
import static dev.turnout.app.Option.JSON;
import static dev.turnout.app.Option.LIMIT;
import static dev.turnout.app.Option.MIN_CAPACITY;
import static dev.turnout.app.Option.MIN_HEALTHY;
import static dev.turnout.app.Option.NO_WARM_UP;
import static dev.turnout.app.Option.OFF;
import static dev.turnout.app.Option.ON_DEADLINE;
import static dev.turnout.app.Option.PORT;
import static dev.turnout.app.Option.RAMP;
import static dev.turnout.app.Option.REASON;
import static dev.turnout.app.Option.TIMEOUT;
import static dev.turnout.app.Option.TOKEN_FILE;
import static dev.turnout.app.Option.WAIT;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Immutable. The menu of commands: the first word after {@code turnout}. */
enum Command {
    RUN(Operand.NONE, "serves until SIGTERM or SIGINT, then finishes what is in flight", CONFIG),
    CHECK(Operand.NONE, "reads a configuration and names every problem in it", CONFIG),
    DEMO(Operand.NONE, "serves two backends per colour of its own, to try things out", PORT, ADMIN_PORT),
    STATUS(Operand.NONE, "shows which colour is active and how the pools are", ADMIN, TOKEN_FILE, JSON),
    POOLS(Operand.NONE, "shows both pools", ADMIN, TOKEN_FILE, JSON),
    BACKENDS(Operand.COLOUR, "shows the backends of a pool, and why one gets no requests", ADMIN, TOKEN_FILE, JSON),
    SWITCH(
            Operand.COLOUR_OR_NOTHING,
            "makes a colour active; without one, the idle colour",
            ADMIN,
            TOKEN_FILE,
            REASON,
            FORCE,
            RAMP,
            MIN_HEALTHY,
            MIN_CAPACITY,
            DRY_RUN,
            NO_WARM_UP,
            WAIT,
            TIMEOUT,
            JSON),
    ROLLBACK(
            Operand.NONE,
            "goes back to the colour that was active before",
            ADMIN,
            TOKEN_FILE,
            REASON,
            FORCE,
            DRY_RUN,
            WAIT,
            TIMEOUT,
            JSON),
    DRAIN(
            Operand.COLOUR_AND_ADDRESS,
            "sends no new requests to a pool, or to one backend of it; those in flight go on",
            ADMIN,
            TOKEN_FILE,
            REASON,
            FORCE,
            DRY_RUN,
            DEADLINE,
            ON_DEADLINE,
            WAIT,
            TIMEOUT,
            JSON),
    UNDRAIN(Operand.COLOUR_AND_ADDRESS, "takes the order of a drain back", ADMIN, TOKEN_FILE, REASON, DRY_RUN, JSON),
    MAINTENANCE(
            Operand.NONE,
            "answers all new requests with 503 and the maintenance page; --off ends that",
            ADMIN,
            TOKEN_FILE,
            OFF,
            REASON,
            DRY_RUN,
            JSON),
    RELOAD(
            Operand.NONE,
            "reads the configuration file again and puts in force what differs",
            ADMIN,
            TOKEN_FILE,
            REASON,
            FORCE,
            DISCARD_EDITS,
            DRY_RUN,
            JSON),
    HISTORY(Operand.NONE, "shows who changed what, newest first", ADMIN, TOKEN_FILE, LIMIT, JSON),
    PREPARE(Operand.NONE, "makes the class archive for this JDK, so that starts take half as long"),
    VERSION(Operand.NONE, "prints the version"),
    HELP(Operand.NONE, "prints this");

    /** What follows the command besides options. */
    enum Operand {
        NONE(""),
        COLOUR_OR_NOTHING(" [blue|green]"),
        COLOUR(" blue|green"),
        COLOUR_AND_ADDRESS(" blue|green [ADDRESS]");

        private final String usage;

        Operand(String usage) {
            this.usage = usage;
        }

        /** Whether nothing can be done without it. */
        boolean needsColour() {
            return this == COLOUR || this == COLOUR_AND_ADDRESS;
        }
    }

    private final Operand operand;
    private final String summary;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of, which no one can change
    private final List<Option> options;

    Command(Operand operand, String summary, Option... options) {
        this.operand = operand;
        this.summary = summary;
        this.options = List.of(options);
    }

    static Optional<Command> named(String word) {
        return Arrays.stream(values())
                .filter(command -> command.word().equals(word))
                .findFirst();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    Operand operand() {
        return operand;
    }

    boolean takes(Option option) {
        return options.contains(option);
    }

    /** The command, what follows it, and its options, one a line. */
    String usage() {
        StringBuilder text = new StringBuilder("turnout " + word() + operand.usage + "   " + summary);
        for (Option option : options) {
            text.append(String.format("%n    %-38s %s", option, option.summary()));
        }
        return text.toString();
    }

    /** One line for each command. */
    static String menu() {
        StringBuilder text = new StringBuilder("usage: turnout COMMAND [OPTION...]\n");
        for (Command command : values()) {
            text.append(String.format("%n    %-29s %s", command.word() + command.operand.usage, command.summary));
        }
        text.append("\n\nturnout COMMAND --help lists the options of a command.\n")
                .append(
                        "exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 admin API not reachable, 4 done but not drained in time");
        return text.toString();
    }
}
