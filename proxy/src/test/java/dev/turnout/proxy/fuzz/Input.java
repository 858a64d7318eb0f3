package dev.turnout.proxy.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Immutable. The bytes a fuzzer made, as Latin-1. Two bytes that no message needs are marks, so that a fuzzer chooses with
 * the bytes where they are cut: {@code 0xff} ends a piece, {@code 0xfe} ends a part.
 */
public record Input(String text) {

    private static final String CUT = "\u00ff";
    private static final String PART = "\u00fe";
    private static final int FEW = 256;

    public static Input of(byte[] bytes) {
        return new Input(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** Everything, without marks. */
    public String whole() {
        return text.replace(CUT, "").replace(PART, "");
    }

    /** Whether a part is ended. */
    public boolean hasParts() {
        return text.contains(PART);
    }

    /** The parts, with the marks of pieces. */
    public List<Input> parts() {
        return Arrays.stream(text.split(PART, -1)).map(Input::new).toList();
    }

    /** The pieces, in the ways they are to be fed: as one, as cut, and, if there are few, byte by byte. */
    public List<List<String>> ways() {
        String whole = whole();
        List<List<String>> ways = new ArrayList<>();
        ways.add(pieces(whole.isEmpty() ? new String[0] : new String[] {whole}));
        if (text.contains(CUT)) {
            ways.add(pieces(text.replace(PART, "").split(CUT, -1)));
        }
        if (whole.length() <= FEW) {
            ways.add(pieces(whole.split("")));
        }
        return ways;
    }

    private static List<String> pieces(String[] pieces) {
        return Arrays.stream(pieces).filter(piece -> !piece.isEmpty()).toList();
    }
}
