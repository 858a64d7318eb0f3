package dev.turnout.proxy.connection;

import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import java.util.concurrent.TimeUnit;

/**
 * Immutable. What a backend says of how long it keeps an idle connection: {@code Keep-Alive: timeout=5, max=100} (RFC 2068
 * section 19.7.1.1). Never standardised since, and sent by most servers all the same.
 */
final class KeepAliveField {

    /** The backend says nothing that can be used. */
    static final long UNKNOWN = -1;

    /** Our clock starts when the answer is here, the backend's when it has left: we must still be first. */
    private static final long MARGIN_SECONDS = 1;

    private static final long LONGEST_SECONDS = 300;

    /** More digits are no number of seconds that anybody means. */
    private static final int MAX_DIGITS = 8;

    private static final String TIMEOUT = "timeout=";

    private KeepAliveField() {}

    /**
     * How long a connection may be idle after this answer, in nanoseconds: a second less than the backend says, at most five
     * minutes; 0 if it is not to be kept. If several timeouts are named the shortest counts; one that is not a plain number is
     * not looked at.
     */
    static long idleNanos(Head answer) {
        long shortest = UNKNOWN;
        for (int i = answer.find(FieldName.KEEP_ALIVE); i >= 0; i = answer.findNext(FieldName.KEEP_ALIVE, i)) {
            byte[] b = answer.bytes();
            int end = answer.valueEnd(i);
            for (int at = answer.valueStart(i); at < end; ) {
                int comma = at;
                while (comma < end && b[comma] != ',') {
                    comma++;
                }
                long seconds = timeout(b, at, comma);
                if (seconds != UNKNOWN && (shortest == UNKNOWN || seconds < shortest)) {
                    shortest = seconds;
                }
                at = comma + 1;
            }
        }
        if (shortest == UNKNOWN) {
            return UNKNOWN;
        }
        return TimeUnit.SECONDS.toNanos(Math.min(LONGEST_SECONDS, Math.max(0, shortest - MARGIN_SECONDS)));
    }

    private static long timeout(byte[] b, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && isBlank(b[start])) {
            start++;
        }
        while (end > start && isBlank(b[end - 1])) {
            end--;
        }
        int digits = start + TIMEOUT.length();
        if (end <= digits || end - digits > MAX_DIGITS) {
            return UNKNOWN;
        }
        for (int i = 0; i < TIMEOUT.length(); i++) {
            char wanted = TIMEOUT.charAt(i);
            if ((wanted == '=' ? b[start + i] : b[start + i] | 0x20) != wanted) {
                return UNKNOWN;
            }
        }
        long seconds = 0;
        for (int i = digits; i < end; i++) {
            if (b[i] < '0' || b[i] > '9') {
                return UNKNOWN;
            }
            seconds = seconds * 10 + b[i] - '0';
        }
        return seconds;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
