package dev.turnout.proxy.http;

import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads {@code method SP target SP HTTP-version CR LF} (RFC 9112 section 3), going on where the
 * bytes ended the last time.
 */
final class RequestLine implements StartLine {

    private static final int LONGEST_METHOD = 64;

    private final int limit;

    private int methodEnd;
    private int targetEnd;
    private boolean done;

    RequestLine(int limit) {
        this.limit = limit;
    }

    @Override
    public void reset() {
        methodEnd = 0;
        targetEnd = 0;
        done = false;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public @Nullable HeadFault read(Head head) {
        final byte[] b = head.bytes();
        final int bound = Math.min(head.end(), limit);
        int at = head.position();
        if (methodEnd == 0) {
            at = Bytes.skip(Bytes.TOKEN, b, at, bound);
            if (at > LONGEST_METHOD) {
                return HeadFault.BAD_START_LINE;
            }
            if (at == bound) {
                return wait(head, at);
            }
            if (b[at] != Bytes.SP || at == 0) {
                return StartLine.fault(b[at]);
            }
            methodEnd = at++;
        }
        if (targetEnd == 0) {
            at = Bytes.skip(Bytes.TARGET, b, at, bound);
            if (at == bound) {
                return wait(head, at);
            }
            if (b[at] != Bytes.SP || at == methodEnd + 1) {
                return StartLine.fault(b[at]);
            }
            targetEnd = at++;
        }
        return readVersion(head, b, at);
    }

    private @Nullable HeadFault readVersion(Head head, byte[] b, int from) {
        int version = targetEnd + 1;
        int lineEnd = version + StartLine.VERSION_LENGTH;
        if (lineEnd > limit) {
            return HeadFault.START_LINE_TOO_LONG;
        }
        head.position(from);
        HeadFault fault = StartLine.checkVersion(b, version, head.end());
        if (fault != null) {
            return fault;
        }
        if (head.end() <= lineEnd) {
            return null;
        }
        if (b[lineEnd] != Bytes.CR) {
            return StartLine.fault(b[lineEnd]);
        }
        if (head.end() == lineEnd + 1) {
            return null;
        }
        if (b[lineEnd + 1] != Bytes.LF) {
            return HeadFault.BAD_LINE_END;
        }
        int minorVersion = b[lineEnd - 1] - '0';
        // What is sent is always 1.1; with the digit put right here, the line can go out as it stands.
        b[lineEnd - 1] = '1';
        Method method = Method.recognise(b, 0, methodEnd);
        head.requestLine(method, methodEnd, methodEnd + 1, targetEnd, minorVersion, lineEnd + 2);
        head.position(lineEnd + 2);
        done = true;
        return RequestTarget.check(head);
    }

    private @Nullable HeadFault wait(Head head, int at) {
        head.position(at);
        return at == limit ? HeadFault.START_LINE_TOO_LONG : null;
    }
}
