package dev.turnout.app;

import dev.turnout.config.LoadedSettings;
import dev.turnout.config.Problem;
import dev.turnout.config.SettingsException;
import dev.turnout.config.SettingsLoader;
import dev.turnout.proxy.control.ConfigReload;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Immutable. {@code turnout run}: serves as a configuration file says. */
final class RunCommand {

    private final CommandLine line;
    private final Console console;

    RunCommand(CommandLine line, Console console) {
        this.line = line;
        this.console = console;
    }

    ExitCode run() throws UsageException, InterruptedException {
        Optional<LoadedSettings> loaded = load(line, console);
        if (loaded.isEmpty()) {
            return ExitCode.FAILED;
        }
        Logs.start(System.getenv("TURNOUT_LOG"));
        try {
            // Not in the demo, which is to end with its terminal.
            ReopenSignal hangUps = ReopenSignal.install();
            NettyTuning.apply(loaded.get().settings().limits());
            Path file = Path.of(line.required(Option.CONFIG));
            return new Service(console)
                    .run(
                            loaded.get().settings(),
                            Optional.of(new ConfigReload.Source(
                                    file.toAbsolutePath().toString(), () -> SettingsLoader.load(file))),
                            application -> hangUps.serve(() -> {
                                application.reopen();
                                application.reloadConfig();
                            }));
        } finally {
            Logs.stop();
        }
    }

    /** The settings of {@code --config}, all problems and warnings printed; empty if they cannot be used. */
    static Optional<LoadedSettings> load(CommandLine line, Console console) throws UsageException {
        Path file = Path.of(line.required(Option.CONFIG));
        try {
            LoadedSettings loaded = SettingsLoader.load(file);
            print(loaded.warnings(), console);
            return Optional.of(loaded);
        } catch (SettingsException e) {
            print(e.problems(), console);
            return Optional.empty();
        }
    }

    private static void print(List<Problem> problems, Console console) {
        problems.forEach(console.err()::println);
    }
}
