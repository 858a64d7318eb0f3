package dev.turnout.app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** Thread-safe. Turns SIGHUP into a request to open files again, as logrotate sends it; without this it would end the process. */
final class ReopenSignal {

    private static final Logger log = LoggerFactory.getLogger(ReopenSignal.class);

    private ReopenSignal() {}

    /** From now on each SIGHUP has {@code reopen} run, on a thread of its own. */
    static void install(Runnable reopen) {
        Signal.handle(new Signal("HUP"), signal -> {
            log.info("told to open files again");
            reopen.run();
        });
    }
}
