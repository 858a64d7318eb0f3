package dev.turnout.app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Thread-safe. Turns SIGHUP, which would end the process, into a request to open files again, as logrotate sends it, and to read the
 * configuration again, as a person sends it. One that
 * comes before there is anything to open again is done with.
 */
final class ReopenSignal {

    private static final Logger log = LoggerFactory.getLogger(ReopenSignal.class);

    /** Set when the application serves, read by the thread of the signal. */
    private volatile Runnable reopening = () -> {};

    /** From now on SIGHUP no longer ends the process. */
    static ReopenSignal install() {
        ReopenSignal installed = new ReopenSignal();
        Signal.handle(new Signal("HUP"), signal -> {
            log.info("told to open files and read the configuration again");
            installed.reopening.run();
        });
        return installed;
    }

    /** From now on each SIGHUP has {@code reopen} run, on a thread of its own. */
    void serve(Runnable reopen) {
        reopening = reopen;
    }
}
