package dev.turnout.proxy.routing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Immutable. What may stay on a pool long after it has lost the traffic. */
public enum LongLived {
    WEBSOCKET,
    /** After any other Upgrade. */
    TUNNEL,
    /** An answer of the type text/event-stream. */
    EVENT_STREAM;

    /** The name in kebab case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All labels, for metrics. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(LongLived::label).toList();
    }
}
