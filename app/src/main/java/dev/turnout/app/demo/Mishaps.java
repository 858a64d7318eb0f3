package dev.turnout.app.demo;

import dev.turnout.config.Colour;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Thread-safe. What the demo's backends do wrong on purpose, by colour. */
final class Mishaps {

    /**
     * Immutable.
     *
     * @param errorRate share of answers with status 500, 0..1
     * @param delayMillis how long an answer is held back, 0..60000
     */
    record Mishap(double errorRate, int delayMillis) {

        static final Mishap NONE = new Mishap(0, 0);

        Mishap {
            // Written so that NaN is refused as well.
            if (!(errorRate >= 0 && errorRate <= 1)) {
                throw new IllegalArgumentException("rate: " + errorRate + " (expected: 0..1)");
            }
            if (delayMillis < 0 || delayMillis > 60_000) {
                throw new IllegalArgumentException("millis: " + delayMillis + " (expected: 0..60000)");
            }
        }
    }

    private final Map<Colour, Mishap> byColour =
            new ConcurrentHashMap<>(Map.of(Colour.BLUE, Mishap.NONE, Colour.GREEN, Mishap.NONE));

    Mishap of(Colour colour) {
        return byColour.getOrDefault(colour, Mishap.NONE);
    }

    void setErrorRate(Colour colour, double rate) {
        byColour.computeIfPresent(colour, (key, old) -> new Mishap(rate, old.delayMillis()));
    }

    void setDelay(Colour colour, int millis) {
        byColour.computeIfPresent(colour, (key, old) -> new Mishap(old.errorRate(), millis));
    }

    void reset(Colour colour) {
        byColour.put(colour, Mishap.NONE);
    }
}
