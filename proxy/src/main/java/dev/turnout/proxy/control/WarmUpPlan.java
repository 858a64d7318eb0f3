package dev.turnout.proxy.control;

/**
 * Immutable. What a warm-up of a pool would do now.
 *
 * @param backends that are usable
 * @param connections in all; those that are there already are not opened again
 * @param requests in all
 * @param isAny whether the settings ask for any
 * @param refuses whether a command that moves traffic is not carried out after a warm-up in which something failed
 */
public record WarmUpPlan(int backends, int connections, int requests, boolean isAny, boolean refuses) {}
