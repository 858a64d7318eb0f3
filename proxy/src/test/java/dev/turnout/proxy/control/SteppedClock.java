package dev.turnout.proxy.control;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Thread-safe. A clock that stands still until it is moved. */
final class SteppedClock extends Clock {

    /** Written by the test, read by all. */
    private volatile Instant now = States.NOON;

    void advance(Duration step) {
        now = now.plus(step);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
