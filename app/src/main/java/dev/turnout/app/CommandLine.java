package dev.turnout.app;

import dev.turnout.config.Colour;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Immutable. What the user asked for, checked against what the command takes.
 *
 * @param help print the options of the command instead of carrying it out
 * @param address of one backend of that pool, as it was written
 * @param values the options given; a flag has the value {@code "true"}
 */
record CommandLine(
        Command command, boolean help, Optional<Colour> colour, Optional<String> address, Map<Option, String> values) {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h)");

    CommandLine {
        values = Map.copyOf(values);
    }

    /**
     * Reads the arguments.
     *
     * @throws UsageException if anything in them is unknown, missing, given twice or out of range
     */
    static CommandLine parse(String... arguments) throws UsageException {
        if (arguments.length == 0) {
            throw new UsageException("no command given", Command.menu());
        }
        Command command =
                switch (arguments[0]) {
                    case "-h", "--help" -> Command.HELP;
                    case "--version" -> Command.VERSION;
                    default ->
                        Command.named(arguments[0])
                                .orElseThrow(
                                        () -> new UsageException("unknown command " + arguments[0], Command.menu()));
                };
        boolean help = false;
        Optional<Colour> colour = Optional.empty();
        Optional<String> address = Optional.empty();
        Map<Option, String> values = new EnumMap<>(Option.class);
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("-h") || argument.equals("--help")) {
                help = true;
            } else if (argument.startsWith("-")) {
                int equals = argument.indexOf('=');
                Option option = optionOf(command, equals < 0 ? argument : argument.substring(0, equals));
                String value;
                if (equals >= 0 && option.takesValue()) {
                    value = argument.substring(equals + 1);
                } else if (equals >= 0) {
                    throw wrong(command, option + " takes no value");
                } else if (!option.takesValue()) {
                    value = "true";
                } else if (i + 1 < arguments.length) {
                    value = arguments[++i];
                } else {
                    throw wrong(command, option + ": the value is missing");
                }
                if (values.put(option, value) != null) {
                    throw wrong(command, option + " is given twice");
                }
            } else if (command.operand() != Command.Operand.NONE && colour.isEmpty()) {
                colour = Optional.of(colourOf(command, argument));
            } else if (command.operand() == Command.Operand.COLOUR_AND_ADDRESS && address.isEmpty()) {
                address = Optional.of(argument);
            } else {
                throw wrong(command, "unexpected argument " + argument);
            }
        }
        if (command.operand().needsColour() && colour.isEmpty() && !help) {
            throw wrong(command, "which pool? blue or green");
        }
        return new CommandLine(command, help, colour, address, values);
    }

    Optional<String> value(Option option) {
        return Optional.ofNullable(values.get(option));
    }

    boolean has(Option option) {
        return values.containsKey(option);
    }

    /** The value of an option that the command cannot do without. */
    String required(Option option) throws UsageException {
        return value(option).orElseThrow(() -> wrong(command, option + " is missing"));
    }

    /** The value of an option that is a whole number in {@code low..high}. */
    int number(Option option, int fallback, int low, int high) throws UsageException {
        String text = value(option).orElse(Integer.toString(fallback));
        try {
            int number = Integer.parseInt(text);
            if (low <= number && number <= high) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below, like a number out of range.
        }
        throw wrong(command, option + ": " + text + " (expected: " + low + ".." + high + ")");
    }

    /** The value of an option that is a time such as {@code 500ms}, {@code 30s}, {@code 5m} or {@code 1h}. */
    Duration duration(Option option, Duration fallback) throws UsageException {
        Optional<String> text = value(option);
        if (text.isEmpty()) {
            return fallback;
        }
        Matcher parts = DURATION.matcher(text.get());
        if (!parts.matches()) {
            throw wrong(command, option + ": " + text.get() + " (expected: a number and ms, s, m or h, such as 30s)");
        }
        long number = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private static Option optionOf(Command command, String word) throws UsageException {
        return Option.named(word.startsWith("--") ? word.substring(2) : "")
                .filter(command::takes)
                .orElseThrow(() -> wrong(command, "unknown option " + word));
    }

    private static Colour colourOf(Command command, String word) throws UsageException {
        for (Colour colour : Colour.values()) {
            if (colour.label().equals(word)) {
                return colour;
            }
        }
        throw wrong(command, "unknown colour " + word + " (expected: blue or green)");
    }

    private static UsageException wrong(Command command, String message) {
        return new UsageException(message, command.usage());
    }
}
