package dev.turnout.proxy.exchange;

import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.Worker;
import io.netty.buffer.ByteBuf;

/**
 * Confined to one event loop. What an exchange is after its Upgrade was accepted (RFC 9110 section 7.8): bytes pass both ways as
 * they are, and the end of one direction is passed on without ending the other. It is over when both have ended.
 */
final class Tunnel {

    private final ExchangeRules rules;
    private final Worker worker;
    private final ClientStream client;
    private final BackendConnection backend;
    private final ExchangeRecord record;
    private boolean clientEnded;
    private boolean backendEnded;

    Tunnel(ExchangeRules rules, Worker worker, ClientStream client, BackendConnection backend, ExchangeRecord record) {
        this.rules = rules;
        this.worker = worker;
        this.client = client;
        this.backend = backend;
        this.record = record;
        await();
    }

    /** Takes {@code data} over. */
    void fromClient(ByteBuf data) {
        record.bytesIn += data.readableBytes();
        backend.writeBody(data);
        await();
        if (!backend.isWritable()) {
            client.pauseReading();
        }
    }

    /** Takes {@code data} over. */
    void fromBackend(ByteBuf data) {
        record.bytesOut += data.readableBytes();
        client.writeBody(data);
        await();
        if (!client.isWritable()) {
            backend.pauseReading();
        }
    }

    /** The client takes more. */
    void clientWritable() {
        await();
        backend.resumeReading();
    }

    /** The backend takes more. */
    void backendWritable() {
        await();
        client.resumeReading();
    }

    /** The client sends no more. */
    void clientEnd() {
        clientEnded = true;
        backend.shutdownOutput();
        await();
    }

    /** The backend sends no more. */
    void backendEnd() {
        backendEnded = true;
        client.shutdownOutput();
        await();
    }

    /** Whether all that the backend had to send is with the client, or on its way there. */
    boolean hasBackendEnded() {
        return backendEnded;
    }

    /** Whether neither side has anything to send any more. */
    boolean isOver() {
        return clientEnded && backendEnded;
    }

    /** A peer that was told the end and neither sends nor closes has no long silence to expect. */
    private void await() {
        backend.setDeadline(worker.now() + (clientEnded || backendEnded ? rules.idleNanos() : rules.tunnelNanos()));
    }
}
