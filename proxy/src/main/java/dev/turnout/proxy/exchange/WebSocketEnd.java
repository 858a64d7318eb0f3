package dev.turnout.proxy.exchange;

import dev.turnout.proxy.connection.BackendConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Confined to one event loop. Ends a WebSocket as its own peers would: a Close frame with 1012 (Service Restart) to each side,
 * at the first end of a frame, and then no more from either. Until it is told to it only goes along.
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
    private boolean backendTold;

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
        if (fromClient.isAtBoundary()) {
            tellBackend();
        }
        return true;
    }

    boolean isEnding() {
        return ending;
    }

    boolean isClientTold() {
        return clientTold;
    }

    boolean isBackendTold() {
        return backendTold;
    }

    /** What of these bytes goes on to the client; takes {@code data} over, and hands on what it returns. */
    ByteBuf fromBackend(ByteBuf data) {
        if (clientTold) {
            return nothingOf(data);
        }
        if (!ending) {
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
        if (backendTold) {
            return nothingOf(data);
        }
        if (!ending) {
            fromClient.follow(data);
            return data;
        }
        int before = fromClient.followToBoundary(data);
        if (before < 0) {
            return data;
        }
        backend.writeBody(data.readRetainedSlice(before));
        tellBackend();
        return nothingOf(data);
    }

    private static ByteBuf nothingOf(ByteBuf data) {
        data.release();
        return Unpooled.EMPTY_BUFFER;
    }

    private void tellClient() {
        clientTold = true;
        client.writeBody(Unpooled.wrappedBuffer(
                new byte[] {(byte) FINAL_CLOSE, CODE_BYTES, (byte) (SERVICE_RESTART >> 8), (byte) SERVICE_RESTART}));
        client.flush();
        client.shutdownOutput();
    }

    private void tellBackend() {
        backendTold = true;
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
        backend.shutdownOutput();
    }
}
