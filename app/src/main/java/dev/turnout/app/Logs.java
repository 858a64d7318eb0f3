package dev.turnout.app;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Thread-safe. The log of the process: lines on standard error, written by a thread of its own. */
final class Logs {

    /** One event is one line, so that nothing that came from the network can pass for an event of ours. */
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %replace(%msg){'[\\r\\n]+', ' | '}%n";

    private Logs() {}

    /**
     * Begins to log.
     *
     * @param level {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}; anything else is info
     */
    static void start(@Nullable String level) {
        LoggerContext context = context();
        context.reset();

        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();

        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();

        AsyncAppender queue = new AsyncAppender();
        queue.setContext(context);
        queue.setQueueSize(8192);
        // A pipe that nobody reads must never stop an event loop: lines are dropped instead.
        queue.setNeverBlock(true);
        queue.addAppender(console);
        queue.start();

        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(queue);
        root.setLevel(Level.toLevel(level, Level.INFO));
    }

    /** Writes what is queued, for a second at most. */
    static void stop() {
        context().stop();
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
