package dev.turnout.proxy.webhook;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;

/** Immutable. How long it is waited before a message is delivered again. */
final class Backoff {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration MOST = Duration.ofMinutes(5);

    private Backoff() {}

    /**
     * Twice as long each time, up to five minutes, and up to half of it less, so that receivers of many do not hear all at
     * once.
     *
     * @param failures so far, from 1 on
     * @param chance 0..1
     * @param asked by the receiver; zero: not
     */
    static Duration after(int failures, double chance, Duration asked) {
        long doubled = FIRST.toMillis() << Math.min(failures - 1, 20);
        long most = Math.min(doubled, MOST.toMillis());
        Duration own = Duration.ofMillis(Math.round(most * (1 - chance / 2)));
        Duration bounded = asked.compareTo(MOST) > 0 ? MOST : asked;
        return bounded.compareTo(own) > 0 ? bounded : own;
    }

    /**
     * What a Retry-After field asks for (RFC 9110 section 10.2.3): seconds, or a date; zero if it cannot be read or the date
     * has passed.
     */
    static Duration asked(String retryAfter, Instant now) {
        String text = retryAfter.strip();
        if (text.matches("[0-9]+")) {
            return text.length() > 6 ? MOST : Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            Instant date = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
            return date.isAfter(now) ? Duration.between(now, date) : Duration.ZERO;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
