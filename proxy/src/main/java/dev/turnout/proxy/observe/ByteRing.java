package dev.turnout.proxy.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Thread-safe for one thread that offers and one that drains. A bounded ring of bytes: an offer copies a whole line or
 * refuses it, and neither side ever waits for the other.
 */
final class ByteRing {

    private final byte[] bytes;
    /** Bytes ever offered. Written by the offering thread after the copy, read by the draining one. */
    private final AtomicLong head = new AtomicLong();
    /** Bytes ever released. Written by the draining thread after the write, read by the offering one. */
    private final AtomicLong tail = new AtomicLong();

    ByteRing(int capacity) {
        this.bytes = new byte[capacity];
    }

    /** Takes a copy of the first {@code length} bytes of {@code line}; false if there is no room for all of them. */
    boolean offer(byte[] line, int length) {
        long at = head.getPlain();
        if (length > bytes.length - (at - tail.getAcquire())) {
            return false;
        }
        int from = (int) (at % bytes.length);
        int first = Math.min(length, bytes.length - from);
        System.arraycopy(line, 0, bytes, from, first);
        System.arraycopy(line, first, bytes, 0, length - first);
        head.setRelease(at + length);
        return true;
    }

    /** Whether more than a quarter waits: time to wake who drains. */
    boolean isFilling() {
        return head.getPlain() - tail.getAcquire() > bytes.length / 4;
    }

    /** Where the offered lines end at this moment; an offer is seen whole or not at all. */
    long end() {
        return head.getAcquire();
    }

    /** Whether anything waits before {@code end}. */
    boolean isEmpty(long end) {
        return tail.getPlain() == end;
    }

    /** Writes what waits before {@code end}, and keeps it until it is released. */
    void writeTo(OutputStream sink, long end) throws IOException {
        int from = (int) (tail.getPlain() % bytes.length);
        int length = (int) (end - tail.getPlain());
        int first = Math.min(length, bytes.length - from);
        sink.write(bytes, from, first);
        sink.write(bytes, 0, length - first);
    }

    /** Lines that wait before {@code end}. */
    int lines(long end) {
        int lines = 0;
        for (long at = tail.getPlain(); at < end; at++) {
            if (bytes[(int) (at % bytes.length)] == '\n') {
                lines++;
            }
        }
        return lines;
    }

    /** Gives the room before {@code end} back. */
    void release(long end) {
        tail.setRelease(end);
    }
}
