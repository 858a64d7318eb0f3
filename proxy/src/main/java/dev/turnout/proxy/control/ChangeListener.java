package dev.turnout.proxy.control;

import dev.turnout.config.Colour;

/** Called on the control thread, so it returns at once. Told of every change after it was published. */
public interface ChangeListener {

    /**
     * A change was made.
     *
     * @param active the active colour after it
     */
    void changed(HistoryEntry entry, Colour active);
}
