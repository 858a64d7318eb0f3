package dev.turnout.config;

/**
 * Immutable. How many requests one client address may send: a token bucket.
 *
 * @param requestsPerSecond at which the bucket fills
 * @param burst requests it holds
 */
public record RateLimitSettings(boolean enabled, int requestsPerSecond, int burst) {}
