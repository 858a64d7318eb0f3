package dev.turnout.proxy.control;

import java.util.Set;

/** Immutable. Where a command took place, for people: colours it moved traffic between, or the pool it was about. */
public final class ActionPlace {

    /** Those that move traffic, or some of it. */
    private static final Set<String> MOVES = Set.of(
            "switch",
            Change.Rollback.ACTION,
            ReleaseChange.AUTO_ROLLBACK,
            ReleaseChange.ABORT,
            "canary-start",
            "canary-weight",
            "canary-step",
            ReleaseChange.PROMOTE);

    /** Those that are about all of Turnout. */
    private static final Set<String> EVERYWHERE = Set.of(
            "maintenance-on",
            "maintenance-off",
            "hold",
            "hold-expired",
            "release",
            "mirror",
            "mirror-end",
            "mirror-expired",
            "freeze",
            "unfreeze",
            Reload.ACTION);

    private ActionPlace() {}

    /**
     * Words for it: {@code blue -> green}, {@code of green}, or nothing.
     *
     * @param from the active colour before
     * @param to the colour that the command was about
     */
    public static String of(String action, String from, String to) {
        if (EVERYWHERE.contains(action)) {
            return "";
        }
        return MOVES.contains(action) && !from.equals(to) ? from + " -> " + to : "of " + to;
    }
}
