package dev.turnout.proxy.exchange;

import dev.turnout.proxy.connection.BackendConnection;
import dev.turnout.proxy.connection.RetryBudget;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The body of one request on its way to a backend: the pieces that wait for a connection, and
 * copies of those that were sent, for as long as the request may have to be sent again. Copies, as a slice would keep the
 * whole buffer it was received in: a body that comes byte by byte could then hold a thousand times its size.
 */
final class RequestBody {

    private static final int SMALLEST_COPY = 1024;

    private final RetryBudget budget;
    private final int limit;
    /** Pieces that were not sent to anybody yet. */
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(2);

    private @Nullable ArrayDeque<ByteBuf> copies;
    private int copiedBytes;
    private boolean keeping = true;
    /** Something was sent of which there is no copy. */
    private boolean gone;

    /** @param limit bytes that are kept; more is sent once only */
    RequestBody(RetryBudget budget, int limit) {
        this.budget = budget;
        this.limit = limit;
    }

    /** Whether everything that was sent so far can be sent again. */
    boolean isKept() {
        return !gone;
    }

    /** Takes a piece over for which there is no connection yet. */
    void hold(ByteBuf data) {
        waiting.add(data);
    }

    /**
     * Takes a piece over that may have to wait for long: keeps a copy, as what it was received in may be far larger.
     *
     * @return the memory that this has cost
     */
    long holdCopy(ByteBuf data) {
        int size = data.readableBytes();
        ByteBuf last = waiting.peekLast();
        int room = 0;
        if (last == null || last.writableBytes() < size) {
            room = Math.max(size, SMALLEST_COPY);
            last = data.alloc().ioBuffer(room, room);
            waiting.add(last);
        }
        last.writeBytes(data);
        data.release();
        return room;
    }

    /** The memory of the pieces that were not sent to anybody yet. */
    long waitingBytes() {
        long bytes = 0;
        for (ByteBuf piece : waiting) {
            bytes += piece.capacity();
        }
        return bytes;
    }

    /**
     * Sends all there is, from the beginning.
     *
     * @param keep whether copies are kept of this and what follows
     */
    void sendAll(BackendConnection to, boolean keep) {
        if (copies != null) {
            for (ByteBuf copy : copies) {
                to.writeBody(copy.retainedSlice());
            }
        }
        keeping = keep;
        if (!keep) {
            forgetWhatWasSent();
        }
        for (ByteBuf piece = waiting.poll(); piece != null; piece = waiting.poll()) {
            send(to, piece);
        }
    }

    /** Sends a piece; takes it over. */
    void send(BackendConnection to, ByteBuf data) {
        if (!keeping || gone || !copy(data)) {
            forgetWhatWasSent();
            gone = true;
        }
        to.writeBody(data);
    }

    /** What was sent will not have to be sent again. */
    void keepNoMore() {
        keeping = false;
        forgetWhatWasSent();
    }

    /** Releases everything. */
    void release() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        forgetWhatWasSent();
    }

    private boolean copy(ByteBuf data) {
        int size = data.readableBytes();
        if (copiedBytes + size > limit) {
            return false;
        }
        if (copies == null) {
            copies = new ArrayDeque<>(2);
        }
        ByteBuf last = copies.peekLast();
        if (last == null || last.writableBytes() < size) {
            int room = Math.max(size, SMALLEST_COPY);
            if (!budget.tryKeep(room)) {
                return false;
            }
            // Of fixed size: growing would move it away under a slice that is being written.
            last = data.alloc().ioBuffer(room, room);
            copies.add(last);
        }
        last.writeBytes(data, data.readerIndex(), size);
        copiedBytes += size;
        return true;
    }

    private void forgetWhatWasSent() {
        ArrayDeque<ByteBuf> dropped = copies;
        copies = null;
        if (dropped == null) {
            return;
        }
        gone |= copiedBytes > 0;
        copiedBytes = 0;
        for (ByteBuf copy : dropped) {
            budget.forget(copy.maxCapacity());
            copy.release();
        }
    }
}
