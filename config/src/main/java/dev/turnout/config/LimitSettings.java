package dev.turnout.config;

/**
 * Immutable. What a stranger can make us hold.
 *
 * @param requestLine bytes of a request line (or status line)
 * @param head bytes of a whole head, start line included
 * @param fields header fields of a head
 * @param connections client connections at a time over all listeners
 * @param backendIdle idle connections kept per backend and event loop
 * @param directMemory bytes of buffers outside the heap, all event loops together
 */
public record LimitSettings(
        int requestLine, int head, int fields, int connections, int backendIdle, long directMemory) {}
