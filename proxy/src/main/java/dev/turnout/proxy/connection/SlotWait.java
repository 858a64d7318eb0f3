package dev.turnout.proxy.connection;

import dev.turnout.proxy.backend.Backend;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop, but for the slot, which comes on any thread. The wait for one of the connections that a backend
 * may have. Those that are idle on other event loops give way.
 */
final class SlotWait {

    private static final Logger log = LoggerFactory.getLogger(SlotWait.class);

    private final Worker worker;
    private final ConnectionPool pool;
    private final Backend backend;
    private final ConnectionPool.Waiter waiter;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::timedOut);
    private final Runnable taken = this::taken;

    SlotWait(Worker worker, ConnectionPool pool, Backend backend, ConnectionPool.Waiter waiter) {
        this.worker = worker;
        this.pool = pool;
        this.backend = backend;
        this.waiter = waiter;
    }

    void begin(long nanos) {
        worker.timers().set(timer, worker.now() + nanos);
        backend.connectionSlots().take(taken);
        if (pool.closeIdle(backend)) {
            return;
        }
        for (Worker other : worker.all()) {
            if (other != worker) {
                other.eventLoop().execute(() -> {
                    if (backend.connectionSlots().isWanted()) {
                        other.connections().closeIdle(backend);
                    }
                });
            }
        }
    }

    private void taken() {
        try {
            worker.eventLoop().execute(() -> {
                worker.tick();
                worker.timers().cancel(timer);
                pool.open(backend, waiter);
            });
        } catch (RejectedExecutionException e) {
            log.debug("a connection came free while shutting down");
        }
    }

    private void timedOut() {
        if (backend.connectionSlots().cancel(taken)) {
            waiter.onConnectFailed(new NoSlotException());
        }
    }
}
