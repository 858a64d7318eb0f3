package dev.turnout.proxy.http;

import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads {@code HTTP-version SP status SP [reason] CR LF} (RFC 9112 section 4), going on where
 * the bytes ended the last time. The space before an absent reason may be absent too, as many servers write it.
 */
final class StatusLine implements StartLine {

    private static final int STATUS = VERSION_LENGTH + 1;
    private static final int STATUS_END = STATUS + 3;

    private final int limit;
    private boolean done;

    StatusLine(int limit) {
        this.limit = limit;
    }

    @Override
    public void reset() {
        done = false;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public @Nullable HeadFault read(Head head) {
        final byte[] b = head.bytes();
        final int end = head.end();
        int at = head.position();
        if (at <= STATUS_END) {
            HeadFault fault = checkStatus(b, end);
            if (fault != null || end <= STATUS_END) {
                return fault;
            }
            at = b[STATUS_END] == Bytes.SP ? STATUS_END + 1 : STATUS_END;
        }
        if (at != STATUS_END) {
            at = Bytes.skipText(b, at, Math.min(end, limit));
        }
        head.position(at);
        if (at == end) {
            return null;
        }
        return at == limit && b[at] != Bytes.CR ? HeadFault.START_LINE_TOO_LONG : readLineEnd(head, b, at);
    }

    private static @Nullable HeadFault checkStatus(byte[] b, int end) {
        HeadFault fault = StartLine.checkVersion(b, 0, end);
        if (fault != null) {
            return fault;
        }
        for (int i = VERSION_LENGTH; i < Math.min(end, STATUS_END + 1); i++) {
            byte c = b[i];
            boolean valid =
                    switch (i) {
                        case VERSION_LENGTH -> c == Bytes.SP;
                        // Above 599 nothing is defined, and a client would not know what to make of it (RFC 9110
                        // section 15).
                        case STATUS -> c >= '1' && c <= '5';
                        case STATUS_END -> c == Bytes.SP || c == Bytes.CR;
                        default -> Bytes.isDigit(c);
                    };
            if (!valid) {
                return StartLine.fault(c);
            }
        }
        return null;
    }

    private @Nullable HeadFault readLineEnd(Head head, byte[] b, int at) {
        if (b[at] != Bytes.CR) {
            return StartLine.fault(b[at]);
        }
        if (at + 1 == head.end()) {
            return null;
        }
        if (b[at + 1] != Bytes.LF) {
            return HeadFault.BAD_LINE_END;
        }
        int minorVersion = b[VERSION_LENGTH - 1] - '0';
        // What is sent is always 1.1; with the digit put right here, the line can go out as it stands.
        b[VERSION_LENGTH - 1] = '1';
        int status = (b[STATUS] - '0') * 100 + (b[STATUS + 1] - '0') * 10 + b[STATUS + 2] - '0';
        head.statusLine(status, Math.min(STATUS_END + 1, at), at, minorVersion, at + 2);
        head.position(at + 2);
        done = true;
        return null;
    }
}
