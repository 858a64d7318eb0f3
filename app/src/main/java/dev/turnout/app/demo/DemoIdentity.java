package dev.turnout.app.demo;

import dev.turnout.config.Colour;

/**
 * Immutable. Who a backend of the demo says it is.
 *
 * @param backend its name, such as {@code blue-1}
 */
record DemoIdentity(Colour colour, String version, String backend) {}
