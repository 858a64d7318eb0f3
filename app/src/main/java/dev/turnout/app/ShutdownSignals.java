package dev.turnout.app;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/**
 * Thread-safe. Turns the first SIGTERM or SIGINT into the end of a wait, and the second into the end of the process. A
 * shutdown hook could do neither: the JVM would exit with 143 instead of 0, and would ignore the second signal.
 */
final class ShutdownSignals {

    private final CountDownLatch first = new CountDownLatch(1);

    /** From now on signals no longer end the process by themselves. */
    static ShutdownSignals install() {
        ShutdownSignals signals = new ShutdownSignals();
        for (String name : List.of("TERM", "INT")) {
            Signal.handle(new Signal(name), signals::received);
        }
        return signals;
    }

    /** Returns when the process was told to end. */
    void await() throws InterruptedException {
        first.await();
    }

    private void received(Signal signal) {
        if (first.getCount() == 0) {
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
        first.countDown();
    }
}
