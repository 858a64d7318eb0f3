package dev.turnout.proxy.routing;

import dev.turnout.config.Colour;
import dev.turnout.config.WarmUpSettings;
import dev.turnout.proxy.backend.Backend;
import java.util.List;
import java.util.Objects;

/**
 * Immutable. Which backends are to be made ready, and how. The requests to a backend are numbered from 0, and each event loop has
 * a row of them, so that it goes through the paths in turn.
 *
 * @param host Host field of requests; empty means the backend's address
 * @param connectionLimit connections that one backend may have, all event loops together; 0: no limit
 */
public record WarmUpOrder(
        Colour colour, List<Backend> backends, WarmUpSettings settings, String host, int connectionLimit) {

    public WarmUpOrder {
        Objects.requireNonNull(colour);
        backends = List.copyOf(backends);
        Objects.requireNonNull(settings);
        Objects.requireNonNull(host);
    }

    /** All that is usable of a pool, as its settings say. */
    public static WarmUpOrder of(Pool pool) {
        WarmUpSettings settings = pool.settings().warmUp();
        String host =
                settings.host().isEmpty() ? pool.settings().health().http().host() : settings.host();
        return new WarmUpOrder(
                pool.colour(),
                pool.usableBackends(),
                settings,
                host,
                pool.settings().limits().connections());
    }

    /** Requests in all. */
    public int requests() {
        return backends.size() * settings.requests();
    }

    /** Connections in all that may have to be opened by so many event loops. */
    public int connections(int loops) {
        long each = (long) settings.connections() * loops;
        return (int) (backends.size() * (connectionLimit == 0 ? each : Math.min(each, connectionLimit)));
    }

    /** The first request to a backend of the event loop of that number; its last is before the first of the next one. */
    public int firstOf(int loop, int loops) {
        // Where there are fewer connections than event loops, those that have one would take it from each other.
        int sending = connectionLimit == 0 ? loops : Math.min(loops, connectionLimit);
        return (int) ((long) settings.requests() * Math.min(loop, sending) / sending);
    }

    /** What the request of that number asks for. */
    public String path(int request) {
        return settings.paths().get(request % settings.paths().size());
    }
}
