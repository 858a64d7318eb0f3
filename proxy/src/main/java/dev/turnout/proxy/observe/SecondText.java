package dev.turnout.proxy.observe;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Confined to one event loop. The text of a moment to the second in UTC, made once a second and not once a line. */
final class SecondText {

    private final DateTimeFormatter formatter;
    private long second = Long.MIN_VALUE;
    private String text = "";

    SecondText(DateTimeFormatter formatter) {
        this.formatter = formatter.withZone(ZoneOffset.UTC);
    }

    String of(long unixMillis) {
        long wanted = Math.floorDiv(unixMillis, 1_000L);
        if (wanted != second) {
            text = formatter.format(Instant.ofEpochSecond(wanted));
            second = wanted;
        }
        return text;
    }
}
