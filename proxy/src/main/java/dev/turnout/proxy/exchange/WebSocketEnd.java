package dev.turnout.proxy.exchange;

import dev.turnout.proxy.connection.BackendConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Confined to one event loop. Ends a WebSocket as a server that restarts would (RFC 6455 section 7.1): the client gets a Close
 * frame with 1012 at the first end of a frame; what it still sends, up to its own Close, goes to the backend, which answers that
 * one. Where a peer has begun to close by itself nothing is added. Until it is told to it only goes along.
 */
final class WebSocketEnd {

    private static final int SERVICE_RESTART = 1012;
    private static final int FINAL_CLOSE = 0x88;
    private static final int CODE_BYTES = 2;
    private static final int MASKED = 0x80;

    private final ClientStream client;
    private final BackendConnection backend;
    private final FrameFollower fromClient = new FrameFollower();
    private final FrameFollower fromBackend = new FrameFollower();
    private boolean ending;
    private boolean clientTold;

    WebSocketEnd(ClientStream client, BackendConnection backend) {
        this.client = client;
        this.backend = backend;
    }

    /** Begins the end; false if it is not known where frames end. */
    boolean begin() {
        if (fromClient.isLost() || fromBackend.isLost()) {
            return false;
        }
        ending = true;
        if (fromBackend.isAtBoundary()) {
            tellClient();
        }
        return true;
    }

    boolean isEnding() {
        return ending;
    }

    /** Whether the client had a Close frame, of ours or of the backend. */
    boolean isClientTold() {
        return clientTold || fromBackend.isClosed();
    }

    /** Whether both Close frames passed between the client and us; the server is the first to end the connection then. */
    boolean isClientDone() {
        return clientTold && fromClient.isClosed();
    }

    /** What of these bytes goes on to the client; takes {@code data} over, and hands on what it returns. */
    ByteBuf fromBackend(ByteBuf data) {
        if (clientTold) {
            return nothingOf(data);
        }
        if (!ending || fromClient.isClosed()) {
            fromBackend.follow(data);
            return data;
        }
        int before = fromBackend.followToBoundary(data);
        if (before < 0) {
            return data;
        }
        client.writeBody(data.readRetainedSlice(before));
        tellClient();
        return nothingOf(data);
    }

    /** The same in the other direction. */
    ByteBuf fromClient(ByteBuf data) {
        if (!ending) {
            fromClient.follow(data);
            return data;
        }
        int before = fromClient.followToClose(data);
        if (before < 0) {
            return data;
        }
        ByteBuf last = data.readRetainedSlice(before);
        data.release();
        return last;
    }

    /** Tells the backend what the client did not: that there will be no more. */
    void tellBackend() {
        if (!fromClient.isAtBoundary() || fromClient.isClosed()) {
            return;
        }
        int key = ThreadLocalRandom.current().nextInt();
        backend.writeBody(Unpooled.wrappedBuffer(new byte[] {
            (byte) FINAL_CLOSE,
            (byte) (MASKED | CODE_BYTES),
            (byte) (key >> 24),
            (byte) (key >> 16),
            (byte) (key >> 8),
            (byte) key,
            (byte) (SERVICE_RESTART >> 8 ^ key >> 24),
            (byte) (SERVICE_RESTART ^ key >> 16)
        }));
        backend.flush();
    }

    private static ByteBuf nothingOf(ByteBuf data) {
        data.release();
        return Unpooled.EMPTY_BUFFER;
    }

    private void tellClient() {
        if (fromBackend.isClosed() || fromClient.isClosed()) {
            // They are closing by themselves: the answer to the Close that was sent is all there may be.
            return;
        }
        clientTold = true;
        client.writeBody(Unpooled.wrappedBuffer(
                new byte[] {(byte) FINAL_CLOSE, CODE_BYTES, (byte) (SERVICE_RESTART >> 8), (byte) SERVICE_RESTART}));
        client.flush();
    }
}
