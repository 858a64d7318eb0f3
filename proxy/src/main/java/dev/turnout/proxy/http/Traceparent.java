package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;

/**
 * Immutable. The traceparent field of W3C Trace Context (level 1, section 3.2): one that is not valid is replaced, and with it goes
 * the tracestate, which belongs to another trace.
 */
final class Traceparent {

    private static final byte[] NAME = "traceparent".getBytes(StandardCharsets.US_ASCII);

    /** Sampled: whoever asks for traces wants to see them, and backends that sample by the flag would drop all others. */
    private static final byte[] FORM =
            "00-00000000000000000000000000000000-0000000000000000-01".getBytes(StandardCharsets.US_ASCII);

    private static final int TRACE_ID = 3;
    private static final int PARENT_ID = 36;
    private static final int FLAGS = 53;
    private static final int LENGTH = 55;

    private Traceparent() {}

    /** Gives the head a new traceparent, unless it has one that is valid. */
    static void make(Head head, RequestIds ids) {
        int i = head.find(FieldName.TRACEPARENT);
        if (i >= 0
                && !head.fields().sawTwice(FieldName.TRACEPARENT)
                && isValid(head.bytes(), head.valueStart(i), head.valueEnd(i))) {
            return;
        }
        head.dropAll(FieldName.TRACEPARENT);
        head.dropAll(FieldName.TRACESTATE);
        byte[] digits = ids.nextTrace();
        int trace = PARENT_ID - 1 - TRACE_ID;
        int start = head.openField(NAME, LENGTH);
        head.put(FORM, 0, TRACE_ID);
        head.put(digits, 0, trace);
        head.put(FORM, PARENT_ID - 1, PARENT_ID);
        head.put(digits, trace, digits.length);
        head.put(FORM, FLAGS - 1, LENGTH);
        head.closeField(start, NAME.length);
    }

    static boolean isValid(byte[] b, int from, int to) {
        int length = to - from;
        if (length < LENGTH || b[from + 2] != '-' || b[from + PARENT_ID - 1] != '-' || b[from + FLAGS - 1] != '-') {
            return false;
        }
        boolean version0 = b[from] == '0' && b[from + 1] == '0';
        boolean lengthFits = length == LENGTH || (!version0 && b[from + LENGTH] == '-');
        boolean versionFits = isHex(b, from, from + 2) && !(b[from] == 'f' && b[from + 1] == 'f');
        return lengthFits
                && versionFits
                && isHex(b, from + TRACE_ID, from + PARENT_ID - 1)
                && !isZero(b, from + TRACE_ID, from + PARENT_ID - 1)
                && isHex(b, from + PARENT_ID, from + FLAGS - 1)
                && !isZero(b, from + PARENT_ID, from + FLAGS - 1)
                && isHex(b, from + FLAGS, from + LENGTH);
    }

    private static boolean isHex(byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!((b[i] >= '0' && b[i] <= '9') || (b[i] >= 'a' && b[i] <= 'f'))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            if (b[i] != '0') {
                return false;
            }
        }
        return true;
    }
}
