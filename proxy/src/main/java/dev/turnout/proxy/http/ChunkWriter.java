package dev.turnout.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Immutable. Writes the framing of a chunked body (RFC 9112 section 7.1); the content itself is passed on as it is. */
public final class ChunkWriter {

    /** Most bytes {@link #writeHeader} writes. */
    public static final int MAX_HEADER_SIZE = 10;
    /** Bytes {@link #writeEnd} writes. */
    public static final int END_SIZE = 2;
    /** Bytes {@link #writeLast} writes when there are no trailers. */
    public static final int LAST_SIZE = 5;

    private static final int CRLF = '\r' << 8 | '\n';

    private ChunkWriter() {}

    /** Writes the line before a chunk; {@code size} is above 0, for 0 would end the body. */
    public static void writeHeader(ByteBuf out, int size) {
        int shift = (31 - Integer.numberOfLeadingZeros(size)) & ~3;
        for (; shift >= 0; shift -= 4) {
            out.writeByte(Character.forDigit((size >>> shift) & 0xf, 16));
        }
        out.writeShort(CRLF);
    }

    /** Writes what follows the content of a chunk. */
    public static void writeEnd(ByteBuf out) {
        out.writeShort(CRLF);
    }

    /** Writes the last chunk and the trailers, if any; needs LAST_SIZE or that and {@link HeadWriter#sizeOf}. */
    public static void writeLast(ByteBuf out, @Nullable Head trailers) {
        out.writeByte('0');
        out.writeShort(CRLF);
        if (trailers == null) {
            out.writeShort(CRLF);
        } else {
            HeadWriter.writeFields(trailers, trailers.fieldsStart(), out);
        }
    }
}
