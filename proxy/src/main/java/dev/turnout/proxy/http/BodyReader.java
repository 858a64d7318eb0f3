package dev.turnout.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Cuts a body out of received buffers without copying it: by length, by chunks (RFC 9112 section
 * 7.1) or until the connection is closed. Chunk extensions are read over and never passed on.
 */
public final class BodyReader {

    private enum State {
        CONTENT,
        CHUNK_LINE,
        CHUNK_CONTENT,
        CHUNK_END,
        TRAILERS,
        COMPLETE,
        REFUSED
    }

    private static final int TRAILER_CAPACITY = 512;

    private final HeadLimits trailerLimits;
    private final ChunkLine chunkLine = new ChunkLine();

    private State state = State.COMPLETE;
    private boolean untilClose;
    /** Bytes of body or of chunk that are still to come. */
    private long remaining;
    /** The byte of a CR LF that comes next is LF. */
    private boolean lfNext;

    private @Nullable HeadParser trailerParser;
    private @Nullable Head trailers;
    private boolean hasTrailers;
    private @Nullable HeadFault fault;

    /** A reader that allows trailers within these limits. */
    public BodyReader(HeadLimits trailerLimits) {
        this.trailerLimits = trailerLimits;
    }

    /** Begins the body of a message whose head was read; {@code bodyLength} is {@link Head#bodyLength()}. */
    public void start(long bodyLength) {
        untilClose = bodyLength == Head.UNTIL_CLOSE;
        remaining = untilClose ? Long.MAX_VALUE : Math.max(0, bodyLength);
        state = bodyLength == 0 ? State.COMPLETE : bodyLength == Head.CHUNKED ? State.CHUNK_LINE : State.CONTENT;
        chunkLine.reset();
        lfNext = false;
        hasTrailers = false;
        fault = null;
        if (trailerParser != null) {
            trailerParser.reset();
        }
    }

    /**
     * The next piece of body, never empty, as a retained slice the caller must release; null when {@code in} holds no more of
     * it: more is needed, or the body is complete, or refused. Call it until it returns null; bytes behind the body stay in
     * {@code in}, which is not released.
     */
    public @Nullable ByteBuf next(ByteBuf in) {
        while (in.isReadable()) {
            switch (state) {
                case CONTENT, CHUNK_CONTENT -> {
                    return content(in);
                }
                case CHUNK_LINE -> readChunkLine(in);
                case CHUNK_END -> readChunkEnd(in);
                case TRAILERS -> readTrailers(in);
                case COMPLETE, REFUSED -> {
                    return null;
                }
            }
        }
        return null;
    }

    /** Whether the last byte of the body and its framing has been read; never for a body that ends at close. */
    public boolean isComplete() {
        return state == State.COMPLETE;
    }

    /** Why the body was refused, null if it was not. */
    public @Nullable HeadFault fault() {
        return fault;
    }

    /**
     * The fields behind the last chunk; null if there were none, or the body is not complete. What must not stand there (RFC 9110
     * section 6.5.1) is dropped. The head is used again for the next body.
     */
    public @Nullable Head trailers() {
        return hasTrailers && state == State.COMPLETE ? trailers : null;
    }

    /** Whether the close of the connection ends this body. */
    public boolean endsAtClose() {
        return untilClose;
    }

    private ByteBuf content(ByteBuf in) {
        int length = (int) Math.min(in.readableBytes(), remaining);
        if (!untilClose) {
            remaining -= length;
        }
        if (remaining == 0) {
            state = state == State.CONTENT ? State.COMPLETE : State.CHUNK_END;
        }
        return in.readRetainedSlice(length);
    }

    private void readChunkLine(ByteBuf in) {
        if (!chunkLine.read(in)) {
            if (chunkLine.isRefused()) {
                refuse(HeadFault.BAD_CHUNK);
            }
            return;
        }
        remaining = chunkLine.size();
        state = remaining == 0 ? State.TRAILERS : State.CHUNK_CONTENT;
        chunkLine.reset();
    }

    private void readChunkEnd(ByteBuf in) {
        if (in.readByte() != (lfNext ? Bytes.LF : Bytes.CR)) {
            refuse(HeadFault.BAD_CHUNK);
            return;
        }
        if (lfNext) {
            state = State.CHUNK_LINE;
        }
        lfNext = !lfNext;
    }

    private void readTrailers(ByteBuf in) {
        if (!hasTrailers && !lfNext && in.getByte(in.readerIndex()) != Bytes.CR) {
            hasTrailers = true;
        }
        if (hasTrailers) {
            parseTrailers(in);
        } else if (in.readByte() != (lfNext ? Bytes.LF : Bytes.CR)) {
            refuse(HeadFault.BAD_TRAILER);
        } else {
            // Almost every body has no trailers: nothing is set up for them.
            state = lfNext ? State.COMPLETE : state;
            lfNext = !lfNext;
        }
    }

    private void parseTrailers(ByteBuf in) {
        if (trailerParser == null || trailers == null) {
            trailerParser = HeadParser.forTrailers(trailerLimits);
            trailers = new Head(TRAILER_CAPACITY);
        }
        switch (trailerParser.parse(in, trailers)) {
            case COMPLETE -> {
                TrailerFields.dropForbidden(trailers);
                state = State.COMPLETE;
            }
            case REFUSED -> refuse(HeadFault.BAD_TRAILER);
            case INCOMPLETE -> {
                // All of the buffer is used up.
            }
        }
    }

    private void refuse(HeadFault why) {
        fault = why;
        state = State.REFUSED;
    }
}
