package dev.turnout.proxy.http;

import dev.turnout.proxy.request.KeyHash;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The head of one message: its bytes in one array, and an index of slices over them. Made once
 * and used for many messages; after warm-up nothing is allocated per message.
 *
 * <p>The bytes of a head are copied once, out of the received buffer, and read here line by line as they arrive (see
 * docs/RATIONALE.md, "Heads are copied once"). Fields are never changed in place: an edit drops fields or appends new ones
 * behind those that were read, and {@link #undoEdits()} brings back what was read, for a second attempt.
 *
 * <p>Positions returned here point into {@link #bytes()} and hold until the next append or reset.
 */
public final class Head {

    /** Body length of a message in chunks. */
    public static final long CHUNKED = -1;
    /** Body length of a response that lasts until its connection is closed. */
    public static final long UNTIL_CLOSE = -2;

    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] LINE_END = {'\r', '\n'};

    private final int capacity;
    private byte[] bytes;
    private int end;
    private int readEnd;
    private int position;
    private final FieldIndex fields = new FieldIndex();

    private Method method = Method.OTHER;
    private int methodEnd;
    private int targetStart;
    private int targetEnd;
    private int status;
    private int reasonStart;
    private int reasonEnd;
    private int minorVersion;
    private int fieldsStart;
    private long bodyLength;
    private boolean keepAlive;

    /** A head whose array has this many bytes at first; it grows as needed. */
    public Head(int capacity) {
        this.capacity = capacity;
        this.bytes = new byte[capacity];
    }

    /** Forgets everything; gives back an array that grew to more than four times its first size. */
    public void reset() {
        fields.reset();
        end = 0;
        readEnd = 0;
        position = 0;
        method = Method.OTHER;
        methodEnd = 0;
        targetStart = 0;
        targetEnd = 0;
        status = 0;
        reasonStart = 0;
        reasonEnd = 0;
        minorVersion = 1;
        fieldsStart = 0;
        bodyLength = 0;
        keepAlive = false;
        if (bytes.length > 4 * capacity) {
            bytes = new byte[capacity];
        }
    }

    /** The array all positions point into; another one after an append that needed more room. */
    public byte[] bytes() {
        return bytes;
    }

    // --- the start line

    /** Method of a request. */
    public Method method() {
        return method;
    }

    public int methodStart() {
        return 0;
    }

    public int methodEnd() {
        return methodEnd;
    }

    /** Start of what is sent on as target: origin-form, or {@code *}, or the authority of CONNECT. */
    public int targetStart() {
        return targetStart;
    }

    public int targetEnd() {
        return targetEnd;
    }

    /** Status of a response, 100 to 599; 0 for a request. */
    public int status() {
        return status;
    }

    public int reasonStart() {
        return reasonStart;
    }

    public int reasonEnd() {
        return reasonEnd;
    }

    /** 0 or 1: the version the message came with. What is sent is always HTTP/1.1. */
    public int minorVersion() {
        return minorVersion;
    }

    /** Bytes of body that follow, {@link #CHUNKED} or {@link #UNTIL_CLOSE} (RFC 9112 section 6.3). */
    public long bodyLength() {
        return bodyLength;
    }

    /** Whether the sender keeps the connection, by version and Connection field (RFC 9112 section 9.3). */
    public boolean isKeepAlive() {
        return keepAlive;
    }

    /** Cold path: the method as text. */
    public String methodText() {
        return text(0, methodEnd);
    }

    /** Cold path: the target as text. */
    public String targetText() {
        return text(targetStart, targetEnd);
    }

    // --- the fields

    /** Fields read and appended, those dropped counted too. */
    public int fieldCount() {
        return fields.count();
    }

    public FieldName name(int i) {
        return fields.name(i);
    }

    public int nameStart(int i) {
        return fields.nameStart(i);
    }

    public int nameEnd(int i) {
        return fields.nameEnd(i);
    }

    public int valueStart(int i) {
        return fields.valueStart(i);
    }

    public int valueEnd(int i) {
        return fields.valueEnd(i);
    }

    public boolean isDropped(int i) {
        return fields.isDropped(i);
    }

    /** Leaves field {@code i} out of what is sent. */
    public void drop(int i) {
        fields.drop(i);
    }

    /** Leaves every field of this name out of what is sent; quick if there is none. */
    public void dropAll(FieldName name) {
        fields.dropAll(name);
    }

    /** First field of this name that is not dropped, or -1; a name that never came is found absent at once. */
    public int find(FieldName name) {
        return fields.find(name);
    }

    /** Next field of this name behind {@code after} that is not dropped, or -1. */
    public int findNext(FieldName name, int after) {
        return fields.findNext(name, after);
    }

    /** Whether a comma separated list, over all fields of this name, has this token; case is ignored. */
    public boolean hasToken(FieldName name, byte[] lowerCaseToken) {
        for (int i = find(name); i >= 0; i = findNext(name, i)) {
            int valueEnd = valueEnd(i);
            for (int at = valueStart(i); at < valueEnd; ) {
                int to = TokenList.elementEnd(bytes, at, valueEnd);
                if (TokenList.isElement(bytes, at, to, lowerCaseToken)) {
                    return true;
                }
                at = to + 1;
            }
        }
        return false;
    }

    /** Cold path: value of field {@code i}. */
    public String value(int i) {
        return text(valueStart(i), valueEnd(i));
    }

    /** Cold path: first value of this name, null if absent. */
    public @Nullable String value(FieldName name) {
        int i = find(name);
        return i < 0 ? null : value(i);
    }

    /** Cold path: first value of the field with this name in lower case, null if absent. */
    public @Nullable String field(String lowerCaseName) {
        byte[] name = lowerCaseName.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < fieldCount(); i++) {
            if (!isDropped(i) && Bytes.equalsIgnoringCase(bytes, nameStart(i), nameEnd(i), name)) {
                return value(i);
            }
        }
        return null;
    }

    /** {@link KeyHash} of the first value of the field with this name in lower case. */
    public long fieldHash(String lowerCaseName) {
        for (int i = 0; i < fieldCount(); i++) {
            if (!isDropped(i) && isNamed(i, lowerCaseName)) {
                return KeyHash.of(bytes, valueStart(i), valueEnd(i));
            }
        }
        return KeyHash.NONE;
    }

    /** {@link KeyHash} of the target without its query. */
    public long pathHash() {
        int query = targetStart;
        while (query < targetEnd && bytes[query] != '?') {
            query++;
        }
        return KeyHash.of(bytes, targetStart, query);
    }

    /** Whether field {@code i} has this name, given in lower case. */
    public boolean isNamed(int i, String lowerCaseName) {
        int from = nameStart(i);
        if (nameEnd(i) - from != lowerCaseName.length()) {
            return false;
        }
        for (int j = 0; j < lowerCaseName.length(); j++) {
            byte b = bytes[from + j];
            if ((b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b) != lowerCaseName.charAt(j)) {
                return false;
            }
        }
        return true;
    }

    /** Cold path: name of field {@code i} in lower case. */
    String nameText(int i) {
        return text(nameStart(i), nameEnd(i)).toLowerCase(Locale.ROOT);
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    // --- edits

    /** Appends a field; neither name nor value is checked. */
    public void append(byte[] name, byte[] value) {
        append(name, value, 0, value.length);
    }

    /** Appends a field whose value is a slice, which may be one of {@link #bytes()}; neither name nor value is checked. */
    public void append(byte[] name, byte[] value, int from, int to) {
        int start = openField(name, to - from);
        put(value, from, to);
        closeField(start, name.length);
    }

    /** Appends a field made ready before: the quickest way. */
    public void append(FieldLine field) {
        byte[] line = field.line();
        int start = end;
        int nameEnd = start + field.nameLength();
        put(line, 0, line.length);
        fields.add(field.name(), start, nameEnd, nameEnd + 2, end - 2, true);
    }

    /** Begins a field whose value is then {@link #put} piece by piece; returns where it starts. */
    int openField(byte[] name, int valueLength) {
        int start = end;
        reserve(name.length + valueLength + 4);
        put(name, 0, name.length);
        put(SEPARATOR, 0, 2);
        return start;
    }

    void put(byte[] source, int from, int to) {
        reserve(to - from);
        System.arraycopy(source, from, bytes, end, to - from);
        end += to - from;
    }

    void closeField(int start, int nameLength) {
        put(LINE_END, 0, 2);
        int nameEnd = start + nameLength;
        FieldName name = FieldName.recognise(bytes, start, nameEnd);
        fields.add(name, start, nameEnd, nameEnd + 2, end - 2, true);
    }

    /** Forgets what was appended and dropped since the head was read or started. */
    public void undoEdits() {
        fields.undoEdits();
        end = readEnd;
    }

    // --- heads made here

    /** Begins a request made by Turnout; its fields are then appended. */
    public void startRequest(String method, String target) {
        reset();
        byte[] line = (method + " " + target + " HTTP/1.1\r\n").getBytes(StandardCharsets.ISO_8859_1);
        put(line, 0, line.length);
        int methodLength = method.length();
        requestLine(Method.recognise(bytes, 0, methodLength), methodLength, methodLength + 1, end - 11, 1, end);
        endOfFields(end);
        endOfReading();
    }

    /** Begins a response made by Turnout; its fields are then appended. */
    public void startResponse(int statusCode, String reason) {
        reset();
        byte[] line = ("HTTP/1.1 " + statusCode + " " + reason + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        put(line, 0, line.length);
        statusLine(statusCode, 13, end - 2, 1, end);
        endOfFields(end);
        endOfReading();
    }

    // --- for the parser and the writer

    FieldIndex fields() {
        return fields;
    }

    /** First byte not yet read by the parser. */
    int position() {
        return position;
    }

    void position(int newPosition) {
        position = newPosition;
    }

    /** Behind the last byte received or appended. */
    int end() {
        return end;
    }

    /** Where the field lines start. */
    int fieldsStart() {
        return fieldsStart;
    }

    /** Copies as much of {@code in} as there is room for within {@code limit} bytes in all. */
    void fill(ByteBuf in, int limit) {
        if (end == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limit, 2 * end));
        }
        int copied = Math.min(in.readableBytes(), Math.min(limit, bytes.length) - end);
        in.readBytes(bytes, end, copied);
        end += copied;
    }

    void requestLine(
            Method newMethod, int endOfMethod, int startOfTarget, int endOfTarget, int minor, int startOfFields) {
        method = newMethod;
        methodEnd = endOfMethod;
        targetStart = startOfTarget;
        targetEnd = endOfTarget;
        minorVersion = minor;
        fieldsStart = startOfFields;
    }

    void target(int from, int to) {
        targetStart = from;
        targetEnd = to;
    }

    void statusLine(int statusCode, int startOfReason, int endOfReason, int minor, int startOfFields) {
        status = statusCode;
        reasonStart = startOfReason;
        reasonEnd = endOfReason;
        minorVersion = minor;
        fieldsStart = startOfFields;
    }

    /** The field lines end here: the empty line is not kept, so that appended fields stand right behind those read. */
    void endOfFields(int at) {
        end = at;
    }

    void framing(long length, boolean keepsAlive) {
        bodyLength = length;
        keepAlive = keepsAlive;
    }

    /** From here on every append and drop is an edit. */
    void endOfReading() {
        fields.endOfReading();
        readEnd = end;
    }

    private void reserve(int more) {
        if (bytes.length - end < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, end + more));
        }
    }
}
