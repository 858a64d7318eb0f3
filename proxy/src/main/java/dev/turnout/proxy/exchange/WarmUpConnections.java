package dev.turnout.proxy.exchange;

import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.ConnectionPool;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Confined to one event loop. The idle connections that one event loop opens to one backend, a few at a time, until there are as
 * many as wanted. Where one fails no more are tried.
 */
final class WarmUpConnections implements ConnectionPool.Waiter {

    /** As many at a time as the shortest queue for accept that is in use bears, and the first alone. */
    private static final int AT_ONCE = 16;

    private final Worker worker;
    private final Backend backend;
    private final int wanted;
    private final int mostOpen;
    private final CompletableFuture<WarmUpPart> part = new CompletableFuture<>();
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::timedOut);

    private int left;
    private int opening;
    private int opened;

    /** @param mostOpen with so many connections to all backends this event loop opens no more */
    WarmUpConnections(Worker worker, Backend backend, int wanted, int mostOpen) {
        this.worker = worker;
        this.backend = backend;
        this.wanted = wanted;
        this.mostOpen = mostOpen;
    }

    /** Completes when all are open, or no more can be had. */
    CompletableFuture<WarmUpPart> part() {
        return part;
    }

    /** @param until when it is given up, by {@link System#nanoTime} */
    void begin(long until) {
        // A connection that tells who its client is cannot be there before the client.
        left = backend.proxyProtocol() == ProxyProtocol.OFF
                ? worker.connections().missingIdle(backend, wanted)
                : 0;
        worker.timers().set(timer, until);
        open();
    }

    private void open() {
        while (left > 0 && opening < (opened == 0 ? 1 : AT_ONCE) && !part.isDone()) {
            left--;
            opening++;
            ConnectionPool pool = worker.connections();
            if (pool.size() + opening > mostOpen || !pool.tryConnect(backend, this)) {
                // There are as many as there may be, which is as good as all.
                left = 0;
                opening--;
            }
        }
        if (opening == 0) {
            end(WarmUpPart.NOTHING);
        }
    }

    @Override
    public void onConnected(BackendConnection connection) {
        opening--;
        opened++;
        connection.release();
        open();
    }

    @Override
    public void onConnectFailed(Throwable cause) {
        opening--;
        end(new WarmUpPart(0, 0, 1, List.of(backend.address() + ": " + WarmUpPart.noConnection(cause))));
    }

    private void timedOut() {
        int missing = left + opening;
        end(new WarmUpPart(
                0, 0, missing, List.of(backend.address() + ": " + missing + " connections were not open in time")));
    }

    /** Every call but the first does nothing. */
    private void end(WarmUpPart wrong) {
        worker.timers().cancel(timer);
        part.complete(new WarmUpPart(opened, 0, 0, List.of()).and(wrong));
    }
}
