package dev.turnout.app;

import java.util.Optional;

/** Immutable. Where the process starts: reads the command line and hands over to the command. */
public final class Main {

    private Main() {}

    /** Carries out one command and ends the process with its exit code: 0 done, 1 failed, 2 wrong usage, 3 no admin API, 4 not drained. */
    public static void main(String[] arguments) {
        Console console = new Console(System.out, System.err);
        System.exit(run(console, arguments).number());
    }

    static ExitCode run(Console console, String... arguments) {
        try {
            return carryOut(CommandLine.parse(arguments), console);
        } catch (UsageException e) {
            console.complain(e);
            console.err().println(e.usage());
            return ExitCode.WRONG_USAGE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        }
    }

    private static ExitCode carryOut(CommandLine line, Console console) throws UsageException, InterruptedException {
        if (line.help()) {
            console.out().println(line.command().usage());
            return ExitCode.DONE;
        }
        return switch (line.command()) {
            case RUN -> new RunCommand(line, console).run();
            case CHECK -> new CheckCommand(line, console).run();
            case DEMO -> new DemoCommand(line, console).run();
            case STATUS, POOLS, BACKENDS, SWITCH, ROLLBACK, DRAIN, UNDRAIN, MAINTENANCE, RELOAD, HISTORY ->
                new OperatorCommand(line, console).run();
            case PREPARE -> new PrepareCommand(console).run();
            case VERSION -> say(console, "turnout " + version());
            case HELP -> say(console, Command.menu());
        };
    }

    private static ExitCode say(Console console, String text) {
        console.out().println(text);
        return ExitCode.DONE;
    }

    private static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
    }
}
