package dev.turnout.app;

import dev.turnout.config.Settings;
import dev.turnout.proxy.control.ConfigReload;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to the main thread. Turnout as a process: from start to the signal that ends it. */
final class Service {

    private static final Logger log = LoggerFactory.getLogger(Service.class);

    private final Console console;

    Service(Console console) {
        this.console = console;
    }

    /**
     * Serves until SIGTERM or SIGINT, then finishes what is in flight.
     *
     * @param file reads the settings again; empty if they came from none
     * @param started told when clients are served
     */
    ExitCode run(Settings settings, Optional<ConfigReload.Source> file, Consumer<Application> started)
            throws InterruptedException {
        ShutdownSignals signals = ShutdownSignals.install();
        try (Application application = Application.start(settings, file)) {
            log.info(
                    "serving on {}, admin API on {}, transport {}, {} ms after the start of the JVM",
                    application.boundProxy(),
                    application.boundAdmin(),
                    application.transport(),
                    ManagementFactory.getRuntimeMXBean().getUptime());
            started.accept(application);
            signals.await();
            log.info(
                    "told to end: {} s for requests in flight",
                    settings.timeouts().shutdown().toSeconds());
        } catch (IOException e) {
            console.complain(e);
            return ExitCode.FAILED;
        }
        return ExitCode.DONE;
    }
}
