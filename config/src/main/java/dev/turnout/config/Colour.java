package dev.turnout.config;

import java.util.Locale;

/** Immutable. The two pools of backends: one has the traffic, the other waits. */
public enum Colour {
    BLUE,
    GREEN;

    /** The colour that this one is not. */
    public Colour other() {
        return switch (this) {
            case BLUE -> GREEN;
            case GREEN -> BLUE;
        };
    }

    /** The name in configuration, API and metrics: {@code blue} or {@code green}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
