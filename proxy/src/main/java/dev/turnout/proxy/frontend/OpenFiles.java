package dev.turnout.proxy.frontend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Immutable. How many client connections the system's limit of open files leaves room for. */
final class OpenFiles {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

    /** Besides what is open already: event loops, listeners, the admin API, probes, the log, the state file. */
    static final int RESERVE = 96;

    private OpenFiles() {}

    /** The connections wanted, or as many as there is room for; that is told in the log. Each has a second socket at its backend. */
    static int connections(int wanted) {
        long limit = limit(Path.of("/proc/self/limits"));
        int possible = connections(wanted, limit - open());
        if (possible < wanted) {
            LOG.warn(
                    "limits.connections is {}, but this process may have only {} open files: at most {} clients are served at a"
                            + " time; raise the limit (ulimit -n, LimitNOFILE) to {}",
                    wanted,
                    limit,
                    possible,
                    wanted * 17L / 8 + open() + RESERVE + 1);
        }
        return possible;
    }

    /** A client has a socket, and one more at its backend; an eighth may wait to be told that there are too many. */
    static int connections(int wanted, long available) {
        return (int) Math.max(1, Math.min(wanted, (available - RESERVE) / 17 * 8));
    }

    /** Files that are open now; 0 if that cannot be known. */
    private static long open() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("the number of open files is not known", e);
            return 0;
        }
    }

    /** The soft limit, which the JVM has raised to the hard one; without a limit, or if it cannot be known, the largest number. */
    static long limit(Path limits) {
        try {
            for (String line : Files.readAllLines(limits)) {
                if (line.startsWith("Max open files")) {
                    String soft =
                            line.substring("Max open files".length()).strip().split(" ", 2)[0];
                    return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
                }
            }
        } catch (IOException | NumberFormatException e) {
            LOG.debug("the limit of open files is not known", e);
        }
        return Long.MAX_VALUE;
    }
}
