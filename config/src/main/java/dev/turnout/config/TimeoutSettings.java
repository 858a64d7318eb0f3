package dev.turnout.config;

import java.time.Duration;

/**
 * Immutable. Every wait that has an end.
 *
 * @param connect to open a connection to a backend
 * @param requestHead from the first byte of a request (or from accept) to the end of its head
 * @param responseHead from the end of the request to the head of the answer
 * @param idle without a byte in either direction while an exchange is under way
 * @param keepAlive a client connection between two requests
 * @param backendKeepAlive a backend connection in the connection pool; below what application servers allow (5 s)
 * @param tunnel without a byte in either direction of a tunnel
 * @param drain deadline of a drain when the command names none
 * @param shutdownDelay from the signal to end until the listeners close, with /health/ready saying so
 * @param shutdown for exchanges in flight when the process is told to end
 */
public record TimeoutSettings(
        Duration connect,
        Duration requestHead,
        Duration responseHead,
        Duration idle,
        Duration keepAlive,
        Duration backendKeepAlive,
        Duration tunnel,
        Duration drain,
        Duration shutdownDelay,
        Duration shutdown) {}
