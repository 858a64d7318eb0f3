package dev.turnout.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Immutable. Writes heads out of what was read, less what was dropped, plus what was appended. Neighbours that stay, and are
 * spelled as we would spell them, are copied as one run: most heads go out in two or three copies.
 */
public final class HeadWriter {

    private static final byte[] VERSION_END = {' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n'};
    private static final int CRLF = '\r' << 8 | '\n';
    private static final int SEPARATOR = ':' << 8 | ' ';

    private static final int STATUS_END = 12;

    private HeadWriter() {}

    /** Enough bytes for this head as it stands now. */
    public static int sizeOf(Head head) {
        return head.end() + head.fieldCount() + VERSION_END.length + 4;
    }

    /** Writes a request, as HTTP/1.1, with its empty line. */
    public static void writeRequest(Head head, ByteBuf out) {
        int run = head.methodStart();
        if (head.targetStart() != head.methodEnd() + 1) {
            byte[] b = head.bytes();
            out.writeBytes(b, run, head.methodEnd() + 1 - run);
            out.writeBytes(b, head.targetStart(), head.targetEnd() - head.targetStart());
            out.writeBytes(VERSION_END);
            run = head.fieldsStart();
        }
        writeFields(head, run, out);
    }

    /** Writes a response, as HTTP/1.1, with its empty line. */
    public static void writeResponse(Head head, ByteBuf out) {
        int run = 0;
        if (head.reasonStart() == STATUS_END) {
            // A status line without the space before the reason: clients must see it (RFC 9112 section 4).
            out.writeBytes(head.bytes(), 0, STATUS_END);
            out.writeByte(Bytes.SP);
            run = STATUS_END;
        }
        writeFields(head, run, out);
    }

    /** Writes the fields, and the start line too if {@code runStart} is where it starts. */
    static void writeFields(Head head, int runStart, ByteBuf out) {
        final FieldIndex fields = head.fields();
        final byte[] b = head.bytes();
        int from = runStart;
        int to = head.fieldsStart();
        for (int i = 0; i < fields.count(); i++) {
            if (fields.isDropped(i)) {
                continue;
            }
            int nameStart = fields.nameStart(i);
            if (fields.isCanonical(i)) {
                if (nameStart != to) {
                    out.writeBytes(b, from, to - from);
                    from = nameStart;
                }
                to = fields.valueEnd(i) + 2;
            } else {
                out.writeBytes(b, from, to - from);
                out.writeBytes(b, nameStart, fields.nameEnd(i) - nameStart);
                out.writeShort(SEPARATOR);
                // The line end is written afresh and begins the next run.
                out.writeBytes(b, fields.valueStart(i), fields.valueEnd(i) - fields.valueStart(i));
                out.writeShort(CRLF);
                from = 0;
                to = 0;
            }
        }
        out.writeBytes(b, from, to - from);
        out.writeShort(CRLF);
    }
}
