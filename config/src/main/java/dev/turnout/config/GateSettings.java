package dev.turnout.config;

/**
 * Immutable. What a switch asks of the new colour before it gets the traffic.
 *
 * @param minHealthy percent of its backends that must be usable
 * @param minCapacity percent of the weight of the usable backends of the colour that has the traffic which its own must have
 */
public record GateSettings(int minHealthy, int minCapacity) {

    /** Nothing. */
    public static final GateSettings OPEN = new GateSettings(0, 0);
}
