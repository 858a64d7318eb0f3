package dev.turnout.proxy.release;

import dev.turnout.config.Colour;

/** What an {@link Evidence} was told of first attempts. */
public final class Told {

    private Told() {}

    /** First attempts on that colour that are decided. */
    public static long requests(Evidence evidence, Colour colour) {
        return evidence.answers(colour).requests();
    }

    /** Those of them that were an error. */
    public static long errors(Evidence evidence, Colour colour) {
        return evidence.answers(colour).errors();
    }
}
