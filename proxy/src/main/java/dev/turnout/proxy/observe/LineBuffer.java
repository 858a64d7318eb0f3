package dev.turnout.proxy.observe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Confined to one event loop. The line being written, in printable ASCII whatever the client sent: nothing in it can end
 * the line, close a quotation or reach a terminal as a control sequence. It is used again for every line.
 */
final class LineBuffer {

    /** Characters of one value that are kept. */
    static final int MAX_VALUE = 1_000;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[1024];
    private int length;

    void clear() {
        length = 0;
    }

    /** The array that holds the line; valid until the next call that adds. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Our own text, which is ASCII and needs no escapes. */
    LineBuffer text(String text) {
        int end = length + text.length();
        reserve(text.length());
        for (int i = 0; length < end; i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
        return this;
    }

    /** The operator's text: what is not printable ASCII becomes a question mark. */
    LineBuffer printable(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes[length++] = (byte) (isPrintable(c) || c == '\t' ? c : '?');
        }
        return this;
    }

    LineBuffer character(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** A number of 0 or more in decimal, with zeros in front up to {@code digits}. */
    LineBuffer number(long value, int digits) {
        int count = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            count++;
        }
        count = Math.max(count, digits);
        reserve(count);
        long rest = value;
        for (int i = count - 1; i >= 0; i--) {
            bytes[length + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
        return this;
    }

    LineBuffer number(long value) {
        return number(value, 1);
    }

    /** Nanoseconds as milliseconds with three decimals. */
    LineBuffer millis(long nanos) {
        long micros = Math.max(0, nanos) / 1_000;
        return number(micros / 1_000).character('.').number(micros % 1_000, 3);
    }

    /** A value from outside inside a JSON string: everything but printable ASCII becomes {@code \\u00e9} and the like. */
    LineBuffer json(String value) {
        int end = Math.min(value.length(), MAX_VALUE);
        reserve(6 * end);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                bytes[length++] = '\\';
                bytes[length++] = (byte) c;
            } else if (isPrintable(c)) {
                bytes[length++] = (byte) c;
            } else {
                unicode(c);
            }
        }
        return this;
    }

    /** A value from outside in a combined line, escaped as nginx does: quote, backslash and the rest as {@code \xHH}. */
    LineBuffer combined(String value) {
        int end = Math.min(value.length(), MAX_VALUE);
        reserve(6 * end);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            if (isPrintable(c) && c != '"' && c != '\\') {
                bytes[length++] = (byte) c;
            } else if (c <= 0xff) {
                bytes[length++] = '\\';
                bytes[length++] = 'x';
                bytes[length++] = HEX[c >> 4];
                bytes[length++] = HEX[c & 15];
            } else {
                unicode(c);
            }
        }
        return this;
    }

    private void unicode(char c) {
        bytes[length++] = '\\';
        bytes[length++] = 'u';
        bytes[length++] = HEX[c >> 12];
        bytes[length++] = HEX[c >> 8 & 15];
        bytes[length++] = HEX[c >> 4 & 15];
        bytes[length++] = HEX[c & 15];
    }

    private static boolean isPrintable(char c) {
        return c >= 0x20 && c < 0x7f;
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }
}
