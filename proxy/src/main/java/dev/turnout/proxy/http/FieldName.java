package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Immutable. Field names that some part of Turnout acts upon; recognised once, while the head is read. */
public enum FieldName {
    OTHER(""),
    HOST("host"),
    CONNECTION("connection"),
    CONTENT_LENGTH("content-length"),
    TRANSFER_ENCODING("transfer-encoding"),
    KEEP_ALIVE("keep-alive"),
    PROXY_CONNECTION("proxy-connection"),
    PROXY_AUTHENTICATE("proxy-authenticate"),
    PROXY_AUTHORIZATION("proxy-authorization"),
    TE("te"),
    TRAILER("trailer"),
    UPGRADE("upgrade"),
    HTTP2_SETTINGS("http2-settings"),
    EXPECT("expect"),
    VIA("via"),
    FORWARDED("forwarded"),
    X_FORWARDED_FOR("x-forwarded-for"),
    X_FORWARDED_PROTO("x-forwarded-proto"),
    X_FORWARDED_HOST("x-forwarded-host"),
    X_FORWARDED_PORT("x-forwarded-port"),
    /** Any other name that begins with {@code x-forwarded-}, also written with underscores, which CGI cannot tell apart. */
    X_FORWARDED_OTHER(""),
    X_REAL_IP("x-real-ip"),
    X_REQUEST_ID("x-request-id"),
    X_TURNOUT_ERROR("x-turnout-error"),
    X_TURNOUT_MIRROR("x-turnout-mirror"),
    IDEMPOTENCY_KEY("idempotency-key"),
    COOKIE("cookie"),
    DATE("date"),
    MAX_FORWARDS("max-forwards"),
    TRACEPARENT("traceparent"),
    TRACESTATE("tracestate");

    private static final FieldName[] ALL = values();
    private static final int LONGEST = 19;
    private static final byte[][] BYTES = Arrays.stream(ALL)
            .map(name -> name.lowerCase.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);
    private static final FieldName[][] BY_LENGTH_AND_INITIAL = rows();
    private static final byte[] FORWARDED_PREFIX = "x-forwarded-".getBytes(StandardCharsets.US_ASCII);

    private final String lowerCase;

    FieldName(String lowerCase) {
        this.lowerCase = lowerCase;
    }

    /** The name in lower case; empty for {@code OTHER} and {@code X_FORWARDED_OTHER}. */
    public String lowerCase() {
        return lowerCase;
    }

    /** This name's number, below 64: its place in tables and its bit in a set of names. */
    @SuppressWarnings("EnumOrdinal") // Never stored or sent: a table index, on the hottest path.
    int index() {
        return ordinal();
    }

    /** This name's bit in a set of names. */
    long bit() {
        return 1L << index();
    }

    static FieldName of(int index) {
        return ALL[index];
    }

    /** The constant for a name, which must be a token; case is ignored. */
    static FieldName recognise(byte[] b, int from, int to) {
        int length = to - from;
        int initial = b[from] & 0x1f;
        if (length <= LONGEST) {
            for (FieldName candidate : BY_LENGTH_AND_INITIAL[(length << 5) + initial]) {
                if (candidate.matches(b, from)) {
                    return candidate;
                }
            }
        }
        return initial == ('x' & 0x1f) && isForwarded(b, from, length) ? X_FORWARDED_OTHER : OTHER;
    }

    /** Bit 0x20 is the case of a letter; among bytes of a token it cannot make any other two bytes of our names alike. */
    private boolean matches(byte[] b, int from) {
        byte[] bytes = BYTES[index()];
        for (int i = 0; i < bytes.length; i++) {
            if ((b[from + i] | 0x20) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isForwarded(byte[] b, int from, int length) {
        if (length < FORWARDED_PREFIX.length) {
            return false;
        }
        for (int i = 0; i < FORWARDED_PREFIX.length; i++) {
            byte c = b[from + i];
            if (c != '_' ? (c | 0x20) != FORWARDED_PREFIX[i] : FORWARDED_PREFIX[i] != '-') {
                return false;
            }
        }
        return true;
    }

    private static FieldName[][] rows() {
        List<List<FieldName>> rows = new ArrayList<>();
        for (int i = 0; i < (LONGEST + 1) << 5; i++) {
            rows.add(new ArrayList<>());
        }
        for (FieldName name : ALL) {
            if (!name.lowerCase.isEmpty()) {
                int initial = name.lowerCase.charAt(0) & 0x1f;
                rows.get((name.lowerCase.length() << 5) + initial).add(name);
            }
        }
        return rows.stream().map(row -> row.toArray(new FieldName[0])).toArray(FieldName[][]::new);
    }
}
