package dev.turnout.proxy.routing;

import java.util.Objects;

/**
 * Immutable. One exchange in flight, for people.
 *
 * @param kind {@code request}, or the label of a {@link LongLived}
 * @param path of the target, without its query
 */
public record InFlightView(
        String kind,
        long ageMillis,
        String client,
        String backend,
        String method,
        String path,
        long requestBytes,
        long responseBytes) {
    public InFlightView {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(client);
        Objects.requireNonNull(backend);
        Objects.requireNonNull(method);
        Objects.requireNonNull(path);
    }
}
