package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.Head;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Knows where the events of an answer of the type text/event-stream end: behind an empty line, and
 * lines end with CR, LF or both (WHATWG HTML, section 9.2.5). So a stream can be ended without a torn event. Until it is told to it
 * only looks at the last bytes of each piece.
 */
final class EventStreamEnd {

    private static final String TYPE = "text/event-stream";
    /** Of an event and the empty line behind it, the longest end. */
    private static final int LONGEST_END = 4;

    /** Null: not compressed, and so readable. */
    private final @Nullable String coding;

    private boolean emptyLine = true;
    private boolean lineBegun;
    private boolean afterReturn;
    private boolean ending;

    private EventStreamEnd(@Nullable String coding) {
        this.coding = coding;
    }

    /** Of the answer with that head; null if it is no event stream. */
    static @Nullable EventStreamEnd of(Head head) {
        String type = head.bodyLength() >= 0 ? null : head.field("content-type");
        if (type == null || !type.regionMatches(true, 0, TYPE, 0, TYPE.length())) {
            return null;
        }
        String coding = head.field("content-encoding");
        return new EventStreamEnd("identity".equalsIgnoreCase(coding) ? null : coding);
    }

    /** Begins the end; false if it cannot be seen where events end. */
    boolean begin() {
        ending = coding == null;
        return ending;
    }

    boolean isEnding() {
        return ending;
    }

    /** Whether nothing of an event is on its way. */
    boolean isBetweenEvents() {
        return emptyLine;
    }

    /**
     * Goes along with {@code data}, which stays as it is.
     *
     * @return how many of its bytes lie before the place where the stream may end, if it is to end; -1 if there is none
     */
    int follow(ByteBuf data) {
        int size = data.readableBytes();
        int begin = 0;
        if (!ending && size > LONGEST_END) {
            begin = size - LONGEST_END;
            lineBegun = true;
            afterReturn = false;
        }
        for (int i = begin; i < size; i++) {
            next(data.getByte(data.readerIndex() + i));
            if (ending && emptyLine) {
                return i + 1;
            }
        }
        return -1;
    }

    private void next(byte b) {
        if (b == '\n' && afterReturn) {
            // The second half of one line end.
            afterReturn = false;
            return;
        }
        afterReturn = b == '\r';
        boolean lineEnds = b == '\r' || b == '\n';
        emptyLine = lineEnds && !lineBegun;
        lineBegun = !lineEnds;
    }
}
