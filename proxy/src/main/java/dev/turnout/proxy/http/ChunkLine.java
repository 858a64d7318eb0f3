package dev.turnout.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Confined to one event loop. Reads {@code chunk-size [ chunk-ext ] CR LF} (RFC 9112 section 7.1). An extension begins with
 * its semicolon, may hold only visible ASCII and white space, even between quotes, and is forgotten.
 */
final class ChunkLine {

    private static final int MOST_DIGITS = 15;
    private static final int LONGEST = 256;

    private enum State {
        SIZE,
        EXTENSION,
        LINE_FEED,
        REFUSED
    }

    private State state = State.SIZE;
    private long size;
    private int digits;
    private int length;

    void reset() {
        state = State.SIZE;
        size = 0;
        digits = 0;
        length = 0;
    }

    /** Reads on; true when the line is whole. */
    boolean read(ByteBuf in) {
        while (in.isReadable() && state != State.REFUSED) {
            byte c = in.readByte();
            if (state == State.LINE_FEED) {
                if (c == Bytes.LF) {
                    return true;
                }
                state = State.REFUSED;
            } else if (++length > LONGEST) {
                state = State.REFUSED;
            } else {
                state = state == State.SIZE ? afterSize(c) : afterExtension(c);
            }
        }
        return false;
    }

    boolean isRefused() {
        return state == State.REFUSED;
    }

    /** Size of the chunk, once the line is whole. */
    long size() {
        return size;
    }

    private State afterSize(byte c) {
        int digit = Bytes.hexValue(c);
        if (digit >= 0) {
            size = (size << 4) + digit;
            return ++digits > MOST_DIGITS ? State.REFUSED : State.SIZE;
        }
        if (digits > 0 && c == Bytes.CR) {
            return State.LINE_FEED;
        }
        return digits > 0 && c == ';' ? State.EXTENSION : State.REFUSED;
    }

    private static State afterExtension(byte c) {
        if (c == Bytes.CR) {
            return State.LINE_FEED;
        }
        // Bytes from 0x80 on are below 0 here: allowed between quotes by the grammar, but nobody needs them.
        return (c >= Bytes.SP && c != 0x7f) || c == Bytes.HTAB ? State.EXTENSION : State.REFUSED;
    }
}
