package dev.turnout.config;

/**
 * Immutable. What a stranger can make us hold.
 *
 * @param requestLine bytes of a request line (or status line)
 * @param head bytes of a whole head, start line included
 * @param fields header fields of a head
 * @param connections client connections at a time over all listeners
 * @param connectionsPerAddress of them, from one address that is not a trusted proxy; 0: no limit
 * @param requestsPerConnection after which a client connection is closed with its answer; 0: no limit
 * @param inFlight requests under way at a time, over all listeners
 * @param body bytes of a request body, where a listener does not say otherwise
 * @param bodyRate bytes a second, below which a client that is waited for is given up; 0: no limit
 * @param backendIdle idle connections kept per backend and event loop
 * @param backendIdleTotal idle connections kept to all backends, all event loops together
 * @param directMemory bytes of buffers outside the heap, all event loops together
 */
public record LimitSettings(
        int requestLine,
        int head,
        int fields,
        int connections,
        int connectionsPerAddress,
        int requestsPerConnection,
        int inFlight,
        long body,
        int bodyRate,
        int backendIdle,
        int backendIdleTotal,
        long directMemory) {}
