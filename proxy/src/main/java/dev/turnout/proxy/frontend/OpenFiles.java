package dev.turnout.proxy.frontend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Immutable. How many client connections the system's limit of open files leaves room for. */
final class OpenFiles {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

    /** Jars, the log, the state file, listeners, the admin API, probes, event loops. */
    static final int RESERVE = 64;

    private OpenFiles() {}

    /** The connections wanted, or as many as there is room for; that is told in the log. Each has a second socket at its backend. */
    static int connections(int wanted) {
        long limit = limit(Path.of("/proc/self/limits"));
        int possible = connections(wanted, limit);
        if (possible < wanted) {
            LOG.warn(
                    "limits.connections is {}, but this process may have only {} open files: at most {} clients are served at a"
                            + " time; raise the limit (ulimit -n, LimitNOFILE) to {}",
                    wanted,
                    limit,
                    possible,
                    2L * wanted + RESERVE);
        }
        return possible;
    }

    static int connections(int wanted, long limit) {
        return (int) Math.max(1, Math.min(wanted, (limit - RESERVE - Clients.MOST_TURNED_AWAY / 8) / 2));
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
