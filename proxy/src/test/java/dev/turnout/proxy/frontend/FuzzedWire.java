package dev.turnout.proxy.frontend;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.fuzz.Faults;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Confined to one thread. One client connection and all the backend connections it needs, on an edge that is used again. */
final class FuzzedWire {

    /** Limits so low that a fuzzer meets them. */
    private static final Edge EDGE = new Edge(Edge.settings("127.0.0.1:1")
            .set("limits.request-line", 256)
            .set("limits.head", 1024)
            .set("limits.fields", 12));

    /** A backend's connection and what was written to it. */
    static final class BackendEnd {
        final EmbeddedChannel channel;
        final StringBuilder taken = new StringBuilder();
        int answered;

        private BackendEnd(EmbeddedChannel channel) {
            this.channel = channel;
        }

        private boolean take() {
            int before = taken.length();
            for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
                taken.append(each.toString(StandardCharsets.ISO_8859_1));
                each.release();
            }
            return taken.length() > before;
        }

        void send(String bytes) {
            if (channel.isOpen()) {
                channel.writeInbound(Faults.buffer(bytes));
            }
        }
    }

    final List<BackendEnd> backends = new ArrayList<>();
    final StringBuilder clientTook = new StringBuilder();
    private final ClientChannel client;
    private final boolean reachable;

    /** @param reachable whether backends can be connected to */
    FuzzedWire(boolean reachable) {
        this.reachable = reachable;
        EDGE.started = 0;
        EDGE.finished.clear();
        client = EDGE.client();
        client.config().setAllocator(Faults.ALLOCATOR);
    }

    /** What became of the exchanges so far. */
    List<String> finished() {
        return EDGE.finished;
    }

    void clientSends(String bytes) {
        offerBackends();
        if (client.isOpen()) {
            client.writeInbound(Faults.buffer(bytes));
        }
        settle();
    }

    boolean isClientOpen() {
        return client.isOpen();
    }

    /** One connection may close and its follower be needed in the same moment. */
    void offerBackends() {
        long open = backends.stream().filter(end -> end.channel.isOpen()).count();
        for (; reachable && open < 2; open++) {
            EmbeddedChannel channel = EDGE.worker.idleConnection(backend());
            channel.config().setAllocator(Faults.ALLOCATOR);
            backends.add(new BackendEnd(channel));
        }
    }

    /** Takes what was written, and lets the event loop do what it put off. Returns where something was written. */
    List<BackendEnd> settle() {
        EDGE.worker.runTasks();
        client.runPendingTasks();
        clientTook.append(client.taken());
        return backends.stream().filter(BackendEnd::take).toList();
    }

    /** The backends close, then the client; nothing may be left of it all. */
    void end() {
        for (BackendEnd end : List.copyOf(backends)) {
            end.channel.close();
            end.channel.runPendingTasks();
            settle();
        }
        settle();
        if (client.isOpen()) {
            client.sendEnd();
            settle();
        }
        client.close();
        client.runPendingTasks();
        settle();
        if (EDGE.worker.worker().connections().takeIdle(backend()) != null) {
            throw new AssertionError("a connection in the pool is not closed");
        }
        backends.forEach(end -> end.channel.checkException());
        client.checkException();
        if (EDGE.inFlight() != 0 || EDGE.clients != 0 || EDGE.started != EDGE.finished.size()) {
            throw new AssertionError("in flight: " + EDGE.inFlight() + ", clients: " + EDGE.clients + ", started: "
                    + EDGE.started + ", finished: " + EDGE.finished);
        }
        Faults.check();
    }

    private static Backend backend() {
        return EDGE.backend(0);
    }
}
