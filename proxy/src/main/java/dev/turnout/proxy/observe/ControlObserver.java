package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;

/** Confined to the control thread. Told of every change of routing after it was published. */
public interface ControlObserver {

    /** Traffic went to {@code to}; {@code kind} is {@code switch}, {@code rollback} or {@code auto-rollback}. */
    void switched(Colour to, String kind);
}
