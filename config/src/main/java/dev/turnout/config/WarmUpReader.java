package dev.turnout.config;

import dev.turnout.config.Problem.Severity;
import dev.turnout.config.WarmUpSettings.OnFailure;
import java.time.Duration;
import java.util.regex.Pattern;

/** Immutable. Reads the section {@code warm-up}. */
final class WarmUpReader {

    /** It becomes the target of a request as it is, so it has no fragment. */
    private static final Pattern PATH = Pattern.compile("/[!-\"$-~]{0,1999}");

    private static final Pattern HOST = Pattern.compile("[!-~]{0,260}");

    private WarmUpReader() {}

    /** What both pools have in common, of which each may say a part itself. */
    static WarmUpSettings read(Section warmUp) {
        return new WarmUpSettings(
                warmUp.integer("connections", 0, 1000),
                warmUp.integer("requests", 0, 10_000),
                warmUp.texts("paths", "/ and visible ASCII without #", text -> matching(PATH, text)),
                warmUp.text("host", "a host name or host:port, or nothing", "", text -> matching(HOST, text)),
                warmUp.duration("timeout", Duration.ofMillis(10), WarmUpSettings.LONGEST_TIMEOUT),
                warmUp.choice("on-failure", OnFailure.values(), OnFailure::label));
    }

    /** The whole of one pool. */
    static WarmUpSettings readOfPool(Section warmUp) {
        WarmUpSettings settings = read(warmUp);
        if (settings.requests() > 0 && warmUp.list("paths").isEmpty()) {
            warmUp.clash("requests", "paths", "paths beside them, or 0", Severity.ERROR);
        }
        return settings;
    }

    private static String matching(Pattern pattern, String text) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }
}
