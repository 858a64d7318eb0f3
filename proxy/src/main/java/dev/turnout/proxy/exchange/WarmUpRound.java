package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.routing.WarmUpOrder;
import dev.turnout.proxy.routing.WarmUpReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Thread-safe. One warm-up: on each event loop the requests to each backend, and when the last of all is answered the connections,
 * so that none of them has waited for long when users come.
 */
public final class WarmUpRound {

    /** How long connections outlive it where no user comes: time for a command to be carried out. */
    static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final List<Worker> workers;
    private final WarmUpOrder order;
    private final int mostOpen;
    private final long begun = System.nanoTime();
    private final List<WarmUpRequests> requests = new ArrayList<>();

    private WarmUpRound(List<Worker> workers, WarmUpOrder order, int mostOpen) {
        this.workers = workers;
        this.order = order;
        this.mostOpen = mostOpen;
    }

    /**
     * Begins it.
     *
     * @param mostOpen an event loop with so many connections to backends opens no idle ones
     * @return completes on any thread
     * @throws java.util.concurrent.RejectedExecutionException if the event loops have ended
     */
    public static CompletionStage<WarmUpReport> begin(List<Worker> workers, WarmUpOrder order, int mostOpen) {
        WarmUpRound round = new WarmUpRound(workers, order, mostOpen);
        round.keepConnections(2 * round.timeoutNanos() + KEPT_NANOS);
        return round.sendRequests()
                .thenCompose(sent -> round.openConnections().thenApply(opened -> round.report(sent.and(opened))));
    }

    private CompletableFuture<WarmUpPart> sendRequests() {
        long until = begun + timeoutNanos();
        for (Worker worker : workers) {
            for (Backend backend : order.backends()) {
                WarmUpRequests row = new WarmUpRequests(worker, workers.size(), backend, order);
                requests.add(row);
                onLoop(worker, () -> row.begin(until));
            }
        }
        return together(requests.stream().map(WarmUpRequests::part).toList());
    }

    private CompletableFuture<WarmUpPart> openConnections() {
        Set<Backend> unreachable = new HashSet<>();
        for (WarmUpRequests row : requests) {
            if (row.isUnreachable()) {
                unreachable.add(row.backend());
            }
        }
        long until = System.nanoTime() + timeoutNanos();
        int wanted = order.settings().connections();
        List<CompletableFuture<WarmUpPart>> parts = new ArrayList<>();
        for (Worker worker : workers) {
            for (Backend backend : order.backends()) {
                if (wanted > 0 && !unreachable.contains(backend)) {
                    WarmUpConnections some = new WarmUpConnections(worker, backend, wanted, mostOpen);
                    parts.add(some.part());
                    onLoop(worker, () -> some.begin(until));
                }
            }
        }
        return together(parts);
    }

    private static void onLoop(Worker worker, Runnable task) {
        worker.eventLoop().execute(() -> {
            worker.tick();
            task.run();
        });
    }

    private static CompletableFuture<WarmUpPart> together(List<CompletableFuture<WarmUpPart>> parts) {
        return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
                .thenApply(
                        all -> parts.stream().map(CompletableFuture::join).reduce(WarmUpPart.NOTHING, WarmUpPart::and));
    }

    private WarmUpReport report(WarmUpPart all) {
        keepConnections(KEPT_NANOS);
        return new WarmUpReport(
                order.backends().size(),
                all.connections(),
                order.requests(),
                all.failedRequests(),
                all.failedConnections(),
                System.nanoTime() - begun,
                all.failures());
    }

    private void keepConnections(long nanos) {
        long until = System.nanoTime() + nanos;
        order.backends().forEach(backend -> backend.keepConnectionsUntil(until));
    }

    private long timeoutNanos() {
        return order.settings().timeout().toNanos();
    }
}
