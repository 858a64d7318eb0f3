package dev.turnout.proxy.exchange;

import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.Worker;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. What an exchange is after its Upgrade was accepted (RFC 9110 section 7.8): bytes pass both ways as
 * they are, and the end of one direction is passed on without ending the other. It is over when both have ended.
 */
final class Tunnel {

    /** How long peers may take to end what they were told to. */
    static final long GOODBYE_NANOS = 5_000_000_000L;

    private final ExchangeRules rules;
    private final Worker worker;
    private final ClientStream client;
    private final BackendConnection backend;
    private final ExchangeRecord record;
    private boolean clientEnded;
    private boolean backendEnded;
    private boolean clientShut;
    /** Null where nobody looks at frames. */
    private final @Nullable WebSocketEnd webSocket;

    /** @param webSocket whether it is one that may have to be ended as such */
    Tunnel(
            ExchangeRules rules,
            Worker worker,
            ClientStream client,
            BackendConnection backend,
            ExchangeRecord record,
            boolean webSocket) {
        this.rules = rules;
        this.worker = worker;
        this.client = client;
        this.backend = backend;
        this.record = record;
        this.webSocket = webSocket ? new WebSocketEnd(client, backend) : null;
        await();
    }

    /** Takes {@code data} over. */
    void fromClient(ByteBuf data) {
        record.bytesIn += data.readableBytes();
        backend.writeBody(webSocket == null ? data : webSocket.fromClient(data));
        if (webSocket != null && webSocket.isClientDone()) {
            shutdownClient();
        }
        await();
        if (!backend.isWritable()) {
            client.pauseReading();
        }
    }

    /** Takes {@code data} over. */
    void fromBackend(ByteBuf data) {
        record.bytesOut += data.readableBytes();
        client.writeBody(webSocket == null ? data : webSocket.fromBackend(data));
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
        if (webSocket != null && webSocket.isEnding()) {
            webSocket.tellBackend();
        }
        backend.shutdownOutput();
        await();
    }

    /** The backend sends no more. */
    void backendEnd() {
        backendEnded = true;
        shutdownClient();
        await();
    }

    private void shutdownClient() {
        if (!clientShut) {
            clientShut = true;
            client.shutdownOutput();
        }
    }

    /** Whether all that the backend had to send is with the client, or on its way there. */
    boolean hasBackendEnded() {
        return backendEnded;
    }

    /** Ends it as its protocol has it, within some seconds; false if that cannot be done, and it has to be cut. */
    boolean end() {
        if (webSocket == null || !webSocket.begin()) {
            return false;
        }
        backend.setDeadline(worker.now() + GOODBYE_NANOS);
        return true;
    }

    /** Those seconds are over; false if the client does not know of the end, and it has to be cut. */
    boolean endNow() {
        if (webSocket == null || !webSocket.isEnding()) {
            return false;
        }
        webSocket.tellBackend();
        return webSocket.isClientTold();
    }

    /** Whether it was told to end. */
    boolean isEnding() {
        return webSocket != null && webSocket.isEnding();
    }

    /** Whether neither side has anything to send any more. */
    boolean isOver() {
        return clientEnded && backendEnded;
    }

    /** The time of an end is set once: whoever goes on sending does not get more of it. */
    private void await() {
        if (!isEnding()) {
            backend.setDeadline(worker.now() + (clientEnded || backendEnded ? rules.idleNanos() : rules.tunnelNanos()));
        }
    }
}
