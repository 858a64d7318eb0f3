package dev.turnout.app;

import dev.turnout.admin.AdminServer;
import dev.turnout.config.Colour;
import dev.turnout.config.LoadedSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Immutable. {@code turnout check}: every problem of a configuration, or what it comes to. */
final class CheckCommand {

    private final CommandLine line;
    private final Console console;

    CheckCommand(CommandLine line, Console console) {
        this.line = line;
        this.console = console;
    }

    ExitCode run() throws UsageException {
        Optional<LoadedSettings> loaded = RunCommand.load(line, console);
        if (loaded.isEmpty()) {
            return ExitCode.FAILED;
        }
        try {
            AdminServer.checkTokens(loaded.get().settings().admin());
        } catch (IOException e) {
            console.complain(e);
            return ExitCode.FAILED;
        }
        summarize(loaded.get().settings(), console.out());
        return ExitCode.DONE;
    }

    private static void summarize(Settings settings, PrintStream out) {
        out.println("the configuration is good");
        out.println("  clients  "
                + settings.listeners().stream()
                        .map(listener -> listener.bind().toString())
                        .collect(Collectors.joining(", ")));
        out.println("  admin    " + settings.admin().bind());
        for (Colour colour : Colour.values()) {
            PoolSettings pool = settings.pool(colour);
            String backends = Stream.concat(
                            pool.backends().stream().map(each -> weighted(each.address(), each.weight())),
                            pool.names().stream().map(each -> weighted(each.name(), each.weight())))
                    .collect(Collectors.joining(", "));
            out.printf(
                    "  %-7s  %s%s%s%n",
                    colour.label(),
                    backends.isEmpty() ? "no backends" : backends,
                    pool.version().isEmpty() ? "" : ", version " + pool.version(),
                    settings.active() == colour ? ", active on the very first start" : "");
        }
        out.println("  state    " + settings.stateFile());
    }

    private static String weighted(Object place, int weight) {
        return place + (weight == 1 ? "" : " weight " + weight);
    }
}
