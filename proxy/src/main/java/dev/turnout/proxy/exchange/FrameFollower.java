package dev.turnout.proxy.exchange;

import io.netty.buffer.ByteBuf;

/**
 * Confined to one event loop. Knows where the frames of one direction of a WebSocket end (RFC 6455 section 5.2), without
 * looking at what is in them: so that a frame of ours can be put between two of theirs, and never into one.
 */
final class FrameFollower {

    private static final int LONGEST_HEADER = 14;
    private static final int CLOSE = 8;

    private final byte[] header = new byte[LONGEST_HEADER];
    private int have;
    private long payloadLeft;
    private boolean lost;
    private boolean closing;

    /** Whether the next byte begins a frame. */
    boolean isAtBoundary() {
        return have == 0 && payloadLeft == 0 && !lost;
    }

    /** Whether what came is no WebSocket: then nobody knows any more where frames end. */
    boolean isLost() {
        return lost;
    }

    /** Whether a Close frame is over: nothing may follow it (RFC 6455 section 5.5.1). */
    boolean isClosed() {
        return closing && payloadLeft == 0;
    }

    /** Goes along with all of {@code data}, which stays as it is. */
    void follow(ByteBuf data) {
        advance(data, Until.END);
    }

    /**
     * Goes along with {@code data}, which stays as it is, up to the first place where a frame may be put.
     *
     * @return how many bytes lie before it; -1 if there is none
     */
    int followToBoundary(ByteBuf data) {
        return advance(data, Until.BOUNDARY);
    }

    /**
     * The same up to the end of a Close frame.
     *
     * @return how many bytes lie before it; -1 if there is none
     */
    int followToClose(ByteBuf data) {
        return advance(data, Until.CLOSED);
    }

    private enum Until {
        END,
        BOUNDARY,
        CLOSED
    }

    private boolean isAt(Until until) {
        return until == Until.CLOSED ? isClosed() : until == Until.BOUNDARY && isAtBoundary();
    }

    private int advance(ByteBuf data, Until until) {
        int from = data.readerIndex();
        int end = data.writerIndex();
        int at = from;
        while (at < end && !lost && !isAt(until)) {
            if (payloadLeft > 0) {
                int skipped = (int) Math.min(payloadLeft, end - at);
                payloadLeft -= skipped;
                at += skipped;
            } else {
                header[have++] = data.getByte(at++);
                if (have >= 2 && have == headerLength()) {
                    readHeader();
                }
            }
        }
        return isAt(until) ? at - from : -1;
    }

    private int headerLength() {
        int length = header[1] & 0x7f;
        int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        return 2 + extended + ((header[1] & 0x80) != 0 ? 4 : 0);
    }

    private void readHeader() {
        int opcode = header[0] & 0xf;
        int length = header[1] & 0x7f;
        long payload = length;
        int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (extended > 0) {
            payload = 0;
            for (int i = 0; i < extended; i++) {
                payload = (payload << 8) | (header[2 + i] & 0xff);
            }
        }
        boolean control = opcode >= 8;
        lost = payload < 0 || (opcode > 2 && opcode < 8) || opcode > 10 || (control && length > 125);
        closing |= opcode == CLOSE;
        payloadLeft = payload;
        have = 0;
    }
}
