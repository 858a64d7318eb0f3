package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.Method;
import java.nio.charset.StandardCharsets;

/**
 * Immutable. Requests that Turnout answers in a backend's place, though nothing is wrong with them: OPTIONS that is to go no
 * further (RFC 9110 section 7.6.2).
 */
final class OwnAnswers {

    /** What is to become of a request. */
    enum Decision {
        PASS_ON,
        ANSWER,
        /** Max-Forwards is given twice, or is no number. */
        REFUSE
    }

    private static final byte[] MAX_FORWARDS = ascii("Max-Forwards");
    private static final byte[] ALLOW = ascii("Allow");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length");
    private static final byte[] ZERO = ascii("0");

    /** The most we count to; more is sent on as this (RFC 9110 section 7.6.2: a recipient's maximum supported value). */
    private static final long MOST = 999_999_999;

    private OwnAnswers() {}

    /** Decides, and takes one off the Max-Forwards of an OPTIONS that is passed on; of other methods it means nothing. */
    static Decision decide(Head request) {
        if (request.method() != Method.OPTIONS) {
            return Decision.PASS_ON;
        }
        int field = request.find(FieldName.MAX_FORWARDS);
        if (field < 0) {
            return Decision.PASS_ON;
        }
        long left = number(request.bytes(), request.valueStart(field), request.valueEnd(field));
        if (left < 0 || request.findNext(FieldName.MAX_FORWARDS, field) >= 0) {
            return Decision.REFUSE;
        }
        if (left == 0) {
            return Decision.ANSWER;
        }
        request.drop(field);
        request.append(MAX_FORWARDS, ascii(Long.toString(left - 1)));
        return Decision.PASS_ON;
    }

    /** The head of the answer, which has no body. */
    static Head options() {
        Head head = new Head(128);
        head.startResponse(200, "OK");
        head.append(ALLOW, ErrorResponder.ALLOWED);
        head.append(CONTENT_LENGTH, ZERO);
        return head;
    }

    /** The number, MOST + 1 at most; -1 if it is none. */
    private static long number(byte[] b, int from, int to) {
        long number = from == to ? -1 : 0;
        for (int i = from; i < to; i++) {
            if (b[i] < '0' || b[i] > '9') {
                return -1;
            }
            number = Math.min(MOST + 1, number * 10 + b[i] - '0');
        }
        return number;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
