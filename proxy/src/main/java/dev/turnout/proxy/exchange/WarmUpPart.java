package dev.turnout.proxy.exchange;

import dev.turnout.proxy.routing.WarmUpReport;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Immutable. What one event loop did for one backend, or several together; the fields are those of {@link WarmUpReport}. */
record WarmUpPart(int connections, int failedRequests, int failedConnections, List<String> failures) {

    static final WarmUpPart NOTHING = new WarmUpPart(0, 0, 0, List.of());

    WarmUpPart {
        failures = List.copyOf(failures);
    }

    /** Why there is no connection, without the address, which is told anyway. */
    static String noConnection(Throwable cause) {
        String message =
                cause instanceof UnknownHostException ? "name not resolved" : String.valueOf(cause.getMessage());
        int address = message.indexOf(": /");
        return "no connection: " + (address < 0 ? message : message.substring(0, address)).toLowerCase(Locale.ROOT);
    }

    WarmUpPart and(WarmUpPart other) {
        return new WarmUpPart(
                connections + other.connections,
                failedRequests + other.failedRequests,
                failedConnections + other.failedConnections,
                Stream.concat(failures.stream(), other.failures.stream())
                        .limit(WarmUpReport.MOST_FAILURES)
                        .toList());
    }
}
