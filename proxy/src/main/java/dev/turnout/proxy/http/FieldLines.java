package dev.turnout.proxy.http;

import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads field lines up to and including the empty line (RFC 9112 section 5), going on where the
 * bytes ended the last time. Folded lines, bare CR and bare LF are refused.
 */
final class FieldLines {

    private final int maxFields;

    /** Where the line being read starts; -1 before the first. */
    private int lineStart = -1;
    /** Position of the colon of the line being read; 0 while that is not found. */
    private int nameEnd;

    private boolean done;

    FieldLines(int maxFields) {
        this.maxFields = maxFields;
    }

    void reset() {
        lineStart = -1;
        nameEnd = 0;
        done = false;
    }

    /** Whether the empty line has been read. */
    boolean isDone() {
        return done;
    }

    /** Reads as far as the bytes go; null unless something is to be refused. */
    @Nullable
    HeadFault read(Head head) {
        final byte[] b = head.bytes();
        final int end = head.end();
        int at = head.position();
        if (lineStart < 0) {
            lineStart = at;
        }
        while (at < end) {
            if (nameEnd == 0) {
                if (at == lineStart) {
                    byte first = b[at];
                    if (first == Bytes.CR) {
                        return emptyLine(head, b, at, end);
                    }
                    if (Bytes.isSpace(first)) {
                        return HeadFault.OBS_FOLD;
                    }
                    if (head.fieldCount() == maxFields) {
                        return HeadFault.TOO_MANY_FIELDS;
                    }
                }
                at = Bytes.skip(Bytes.TOKEN, b, at, end);
                if (at == end) {
                    break;
                }
                if (b[at] != ':' || at == lineStart) {
                    return b[at] == Bytes.LF ? HeadFault.BAD_LINE_END : HeadFault.BAD_FIELD_NAME;
                }
                nameEnd = at++;
            }
            at = Bytes.skipText(b, at, end);
            if (at == end || (b[at] == Bytes.CR && at + 1 == end)) {
                break;
            }
            if (b[at] != Bytes.CR || b[at + 1] != Bytes.LF) {
                return b[at] == Bytes.CR || b[at] == Bytes.LF ? HeadFault.BAD_LINE_END : HeadFault.BAD_FIELD_VALUE;
            }
            add(head, b, at);
            at += 2;
            lineStart = at;
            nameEnd = 0;
        }
        head.position(at);
        return null;
    }

    private @Nullable HeadFault emptyLine(Head head, byte[] b, int at, int end) {
        head.position(at);
        if (at + 1 == end) {
            return null;
        }
        if (b[at + 1] != Bytes.LF) {
            return HeadFault.BAD_LINE_END;
        }
        head.position(at + 2);
        done = true;
        return null;
    }

    private void add(Head head, byte[] b, int lineEnd) {
        int valueStart = TokenList.trimStart(b, nameEnd + 1, lineEnd);
        int valueEnd = TokenList.trimEnd(b, valueStart, lineEnd);
        boolean canonical = valueStart == nameEnd + 2 && valueEnd == lineEnd && b[nameEnd + 1] == Bytes.SP;
        head.fields()
                .add(FieldName.recognise(b, lineStart, nameEnd), lineStart, nameEnd, valueStart, valueEnd, canonical);
    }
}
