package dev.turnout.proxy.http;

import org.jspecify.annotations.Nullable;

/** Confined to one event loop. The reader of a message's first line. */
sealed interface StartLine permits RequestLine, StatusLine {

    int VERSION_LENGTH = 8;

    /** Reads as far as the bytes go; null unless something is to be refused. */
    @Nullable
    HeadFault read(Head head);

    /** Whether the line has been read with its CR LF. */
    boolean isDone();

    void reset();

    /** What is wrong if {@code HTTP/1.0} or {@code HTTP/1.1} does not begin at {@code from}, as far as the bytes go. */
    static @Nullable HeadFault checkVersion(byte[] b, int from, int end) {
        int to = Math.min(end, from + VERSION_LENGTH);
        for (int i = from; i < to; i++) {
            byte c = b[i];
            if (c != "HTTP/1.1".charAt(i - from) && (i - from != VERSION_LENGTH - 1 || c != '0')) {
                return c != Bytes.LF && i - from > 4 ? HeadFault.BAD_VERSION : fault(c);
            }
        }
        return null;
    }

    /** The fault of a byte that does not belong into a start line. */
    static HeadFault fault(byte c) {
        return c == Bytes.LF ? HeadFault.BAD_LINE_END : HeadFault.BAD_START_LINE;
    }
}
