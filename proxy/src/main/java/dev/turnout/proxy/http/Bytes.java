package dev.turnout.proxy.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Immutable. Which bytes may stand where (RFC 9110 section 5, RFC 3986), as tables, and the loops over them. */
final class Bytes {

    static final byte CR = '\r';
    static final byte LF = '\n';
    static final byte SP = ' ';
    static final byte HTAB = '\t';

    /** {@code tchar}: methods and field names. */
    static final boolean[] TOKEN = table("!#$%&'*+-.^_`|~", true);

    /** {@code unreserved}, {@code sub-delims} and the percent sign of a {@code reg-name}; no comma, which only lists have. */
    static final boolean[] HOST = table("-._~%!$&'()*+;=", true);

    /** Visible ASCII but the number sign: a fragment is never sent. */
    static final boolean[] TARGET = visibleBut('#');

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH = EACH << 7;

    private static final byte[] HEX_VALUE = hexValues();

    private Bytes() {}

    /** First position from {@code at} on with a control byte other than HTAB, or {@code end}. */
    static int skipText(byte[] b, int at, int end) {
        int i = at;
        while (true) {
            while (i + 8 <= end) {
                long x = (long) LONG.get(b, i);
                long del = x ^ (0x7f * EACH);
                // A high bit is set where a byte is below 0x20 or is DEL; the lowest such bit is exact.
                long stops = (((x - 0x20 * EACH) & ~x) | ((del - EACH) & ~del)) & HIGH;
                if (stops != 0) {
                    i += Long.numberOfTrailingZeros(stops) >>> 3;
                    break;
                }
                i += 8;
            }
            while (i < end && isText(b[i])) {
                i++;
            }
            if (i == end || b[i] != HTAB) {
                return i;
            }
            i++;
        }
    }

    /** Whether a byte may stand in a field value, HTAB apart: visible, space or obs-text. */
    private static boolean isText(byte c) {
        return (c & 0xff) >= 0x20 && c != 0x7f;
    }

    /** First position from {@code at} on whose byte is not in the table, or {@code end}. */
    static int skip(boolean[] table, byte[] b, int at, int end) {
        int i = at;
        while (i < end && table[b[i] & 0xff]) {
            i++;
        }
        return i;
    }

    static boolean isSpace(byte c) {
        return c == SP || c == HTAB;
    }

    static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Value of a hexadecimal digit, or -1. */
    static int hexValue(byte c) {
        return HEX_VALUE[c & 0xff];
    }

    /** Whether a slice is {@code lowerCase}, ignoring the case of ASCII letters. */
    static boolean equalsIgnoringCase(byte[] b, int from, int to, byte[] lowerCase) {
        if (to - from != lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            if (toLowerCase(b[from + i]) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    static byte toLowerCase(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
    }

    /** The table of these bytes, and of ASCII letters and digits if asked for. */
    static boolean[] table(String others, boolean alphanumeric) {
        boolean[] table = new boolean[256];
        for (char c = '0'; alphanumeric && c <= 'z'; c++) {
            table[c] = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
        }
        for (int i = 0; i < others.length(); i++) {
            table[others.charAt(i)] = true;
        }
        return table;
    }

    private static boolean[] visibleBut(char excluded) {
        boolean[] table = new boolean[256];
        for (int c = 0x21; c < 0x7f; c++) {
            table[c] = c != excluded;
        }
        return table;
    }

    private static byte[] hexValues() {
        byte[] values = new byte[256];
        for (int c = 0; c < 256; c++) {
            values[c] = (byte) (c < 128 ? Character.digit(c, 16) : -1);
        }
        return values;
    }
}
