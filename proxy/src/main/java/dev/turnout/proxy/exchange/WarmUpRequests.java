package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.ConnectionPool;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.Method;
import dev.turnout.proxy.routing.WarmUpOrder;
import dev.turnout.proxy.routing.WarmUpReport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. The requests that one event loop sends to one backend to warm it up, one after the other, each on the
 * connection that is idle or else on a new one. They take no lease and are counted nowhere but here: no user sent them.
 */
final class WarmUpRequests implements UnrelayedAnswer, ConnectionPool.Waiter {

    private static final Logger log = LoggerFactory.getLogger(WarmUpRequests.class);

    private static final int SHOWN_PATH = 100;

    private final Worker worker;
    private final Backend backend;
    private final WarmUpOrder order;
    private final int last;
    private final CompletableFuture<WarmUpPart> part = new CompletableFuture<>();
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onDeadline);
    private final List<String> failures = new ArrayList<>();

    /** The request in hand. */
    private int next;

    private long deadline;
    private @Nullable BackendConnection connection;
    private int status;
    private int opened;
    private int failed;
    /** Written once, before {@link #part} is complete, and read after that. */
    private boolean unreachable;

    /** @param loops event loops that share the requests */
    WarmUpRequests(Worker worker, int loops, Backend backend, WarmUpOrder order) {
        this.worker = worker;
        this.backend = backend;
        this.order = order;
        this.next = order.firstOf(worker.index(), loops);
        this.last = order.firstOf(worker.index() + 1, loops);
    }

    Backend backend() {
        return backend;
    }

    /** Completes when all are answered or given up. */
    CompletableFuture<WarmUpPart> part() {
        return part;
    }

    /** Whether there was no connection; once {@link #part} is complete. */
    boolean isUnreachable() {
        return unreachable;
    }

    /** @param until when what has no answer has failed, by {@link System#nanoTime} */
    void begin(long until) {
        deadline = until;
        worker.timers().set(timer, until);
        sendNext();
    }

    private void sendNext() {
        if (part.isDone()) {
            return;
        }
        if (next == last) {
            end();
            return;
        }
        BackendConnection idle = worker.connections().takeIdle(backend);
        if (idle == null) {
            worker.connections().connect(backend, this);
        } else {
            send(idle);
        }
    }

    @Override
    public void onConnected(BackendConnection made) {
        opened++;
        if (part.isDone()) {
            made.release();
        } else if (backend.connectionSlots().isWanted() && backend.inFlight() > 0) {
            made.release();
            giveUp("gave way to requests of users");
        } else {
            send(made);
        }
    }

    @Override
    public void onConnectFailed(Throwable cause) {
        unreachable = true;
        giveUp(WarmUpPart.noConnection(cause));
    }

    private void send(BackendConnection to) {
        try {
            connection = to;
            status = 0;
            worker.connections().setGuest(backend, this::giveWay);
            to.begin(this, Method.GET);
            to.writeLocalHeader();
            to.writeHead(Unpooled.wrappedBuffer(head()));
            to.writeEnd(null);
            to.setDeadline(deadline);
            to.flush();
        } catch (RuntimeException | Error e) {
            log.error("a backend could not be warmed up", e);
            giveUp("a fault of ours");
        }
    }

    private byte[] head() {
        String host = order.host().isEmpty() ? backend.authority() : order.host();
        return ("GET " + order.path(next) + " HTTP/1.1\r\nHost: " + host
                        + "\r\nUser-Agent: turnout-warm-up\r\nAccept: */*\r\nX-Turnout-Warm-Up: 1\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void onResponseHead(Head answer) {
        status = answer.status();
        if (status == 101) {
            cut();
            failed("an upgrade that nobody asked for");
            goOn();
        }
    }

    @Override
    public void onResponseBody(ByteBuf data) {
        data.release();
    }

    @Override
    public void onResponseEnd(@Nullable Head trailers) {
        BackendConnection used = leave();
        if (used != null) {
            used.release();
        }
        if (status >= 500) {
            failed("status " + status);
        }
        goOn();
    }

    /** Not at once: the connection is idle only when all that came with the answer has been read. */
    private void goOn() {
        next++;
        worker.eventLoop().execute(() -> {
            worker.tick();
            sendNext();
        });
    }

    @Override
    public void onFailure(Failure failure) {
        BackendConnection used = leave();
        boolean stale = failure == Failure.CLOSED_BEFORE_REQUEST || failure == Failure.CLOSED_WITHOUT_RESPONSE;
        if (stale && used != null && used.isReused()) {
            // Closed by the server between two requests: says nothing of the server.
            worker.connections().connect(backend, this);
        } else {
            failed(failure.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            goOn();
        }
    }

    @Override
    public void onDeadline() {
        giveUp("no whole answer within " + order.settings().timeout().toMillis() + " ms");
    }

    @Override
    public void onAbandon() {
        giveUp("ended by the deadline of a drain, or with its backend");
    }

    private boolean giveWay() {
        // Somebody who waits and is no user is one of us, on another event loop.
        boolean giving = backend.inFlight() > 0;
        if (giving) {
            giveUp("gave way to requests of users");
        }
        return giving;
    }

    /** Neither the one in hand nor those behind it will be answered. */
    private void giveUp(String why) {
        if (part.isDone() || next == last) {
            return;
        }
        cut();
        int unsent = last - next - 1;
        failed(unsent > 0 ? why + ", and " + unsent + " more were not sent" : why);
        failed += unsent;
        end();
    }

    private void failed(String why) {
        failed++;
        if (failures.size() < WarmUpReport.MOST_FAILURES) {
            String path = order.path(next);
            String shown = path.length() > SHOWN_PATH ? path.substring(0, SHOWN_PATH) + "..." : path;
            failures.add(backend.address() + " GET " + shown + ": " + why);
        }
    }

    private void cut() {
        BackendConnection used = leave();
        if (used != null) {
            used.close();
        }
    }

    private @Nullable BackendConnection leave() {
        BackendConnection used = connection;
        connection = null;
        worker.connections().setGuest(backend, null);
        return used;
    }

    private void end() {
        worker.timers().cancel(timer);
        part.complete(new WarmUpPart(opened, failed, 0, failures));
    }
}
