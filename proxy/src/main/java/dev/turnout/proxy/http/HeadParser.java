package dev.turnout.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads heads, one after the other, in one pass over their bytes and strictly by RFC 9112: what
 * could be understood in two ways is refused. Nothing is allocated per head and nothing is thrown for what was received.
 */
public final class HeadParser {

    /** What has come of the bytes so far. */
    public enum Result {
        /** More bytes are needed; all that were given are used up. */
        INCOMPLETE,
        /** The head is whole; the buffer stands behind its empty line. */
        COMPLETE,
        /** Never to be passed on, see {@link HeadParser#fault()}; so it stays until {@link HeadParser#reset()}. */
        REFUSED
    }

    /** What stands before a start line: for requests one empty line is skipped (RFC 9112 section 2.2). */
    private enum Before {
        ANYTHING,
        LF_OF_EMPTY_LINE,
        NOTHING
    }

    private final HeadLimits limits;
    private final @Nullable StartLine startLine;
    private final FieldLines fieldLines;
    private final Before initially;

    private Before before;
    private boolean started;
    private Method responseTo = Method.GET;
    private @Nullable HeadFault fault;

    private HeadParser(HeadLimits limits, @Nullable StartLine startLine, Before initially) {
        this.limits = limits;
        this.startLine = startLine;
        this.fieldLines = new FieldLines(limits.fields());
        this.initially = initially;
        this.before = initially;
    }

    /** A reader of requests. */
    public static HeadParser forRequests(HeadLimits limits) {
        return new HeadParser(limits, new RequestLine(limits.startLine()), Before.ANYTHING);
    }

    /** A reader of responses. */
    public static HeadParser forResponses(HeadLimits limits) {
        return new HeadParser(limits, new StatusLine(limits.startLine()), Before.NOTHING);
    }

    /** A reader of the fields behind the last chunk, up to and including the empty line. */
    static HeadParser forTrailers(HeadLimits limits) {
        return new HeadParser(limits, null, Before.NOTHING);
    }

    /** Says what the next responses answer: their framing depends on it (RFC 9112 section 6.3). */
    public void expectResponseTo(Method method) {
        responseTo = method;
    }

    /**
     * Reads on. The first bytes of a message reset {@code into}; further calls must give the same head until the result is no
     * longer INCOMPLETE. After COMPLETE the next call begins the next message.
     *
     * @param in its reader index ends behind what was used: never behind the empty line; it is not released
     */
    public Result parse(ByteBuf in, Head into) {
        if (fault != null) {
            return Result.REFUSED;
        }
        if (!started && !start(in, into)) {
            return fault == null ? Result.INCOMPLETE : Result.REFUSED;
        }
        while (in.isReadable()) {
            into.fill(in, limits.head());
            HeadFault found = read(into);
            if (found != null) {
                fault = found;
                return Result.REFUSED;
            }
            if (fieldLines.isDone()) {
                return complete(in, into);
            }
            if (into.end() == limits.head()) {
                fault = HeadFault.HEAD_TOO_LARGE;
                return Result.REFUSED;
            }
        }
        return Result.INCOMPLETE;
    }

    /** Why the head was refused, null if it was not. */
    public @Nullable HeadFault fault() {
        return fault;
    }

    /** Whether a byte of a head has come that is not yet whole. */
    public boolean isStarted() {
        return started;
    }

    /** Forgets a head half read, and a fault. */
    public void reset() {
        fault = null;
        started = false;
        before = initially;
        fieldLines.reset();
        if (startLine != null) {
            startLine.reset();
        }
    }

    private boolean start(ByteBuf in, Head into) {
        while (before != Before.NOTHING) {
            if (!in.isReadable()) {
                return false;
            }
            byte c = in.getByte(in.readerIndex());
            if (before == Before.LF_OF_EMPTY_LINE && c != Bytes.LF) {
                fault = HeadFault.BAD_LINE_END;
                return false;
            }
            if (before == Before.ANYTHING && c != Bytes.CR) {
                before = Before.NOTHING;
            } else {
                in.skipBytes(1);
                before = c == Bytes.CR ? Before.LF_OF_EMPTY_LINE : Before.NOTHING;
            }
        }
        if (!in.isReadable()) {
            return false;
        }
        into.reset();
        started = true;
        return true;
    }

    private @Nullable HeadFault read(Head into) {
        if (startLine != null && !startLine.isDone()) {
            HeadFault found = startLine.read(into);
            if (found != null || !startLine.isDone()) {
                return found;
            }
        }
        return fieldLines.read(into);
    }

    private Result complete(ByteBuf in, Head head) {
        // More than the head may have been copied; what lies behind it was all in this buffer.
        in.readerIndex(in.readerIndex() - (head.end() - head.position()));
        head.endOfFields(head.position() - 2);
        fault = decide(head);
        if (fault != null) {
            return Result.REFUSED;
        }
        head.endOfReading();
        reset();
        return Result.COMPLETE;
    }

    private @Nullable HeadFault decide(Head head) {
        if (startLine == null) {
            return null;
        }
        if (startLine instanceof StatusLine) {
            return Framing.ofResponse(head, responseTo);
        }
        HeadFault found = RequestTarget.checkHost(head);
        if (found == null) {
            found = Framing.ofRequest(head);
        }
        if (found == null) {
            RequestTarget.toOriginForm(head);
        }
        return found;
    }
}
