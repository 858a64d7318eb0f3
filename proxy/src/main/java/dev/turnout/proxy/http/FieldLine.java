package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;

/** Immutable. A whole field line made ready once, {@code Name: value CR LF}, to be appended to many heads. */
public final class FieldLine {

    private final byte[] line;
    private final int nameLength;
    private final FieldName name;

    private FieldLine(byte[] line, int nameLength) {
        this.line = line;
        this.nameLength = nameLength;
        this.name = FieldName.recognise(line, 0, nameLength);
    }

    /** A line of this name, in the case it is to be sent in, and value; both are trusted and not checked. */
    public static FieldLine of(String name, String value) {
        return new FieldLine((name + ": " + value + "\r\n").getBytes(StandardCharsets.ISO_8859_1), name.length());
    }

    byte[] line() {
        return line;
    }

    int nameLength() {
        return nameLength;
    }

    FieldName name() {
        return name;
    }
}
