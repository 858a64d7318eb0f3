package dev.turnout.admin;

/** Immutable. What a token may do; each role may do what those before it may. */
enum Role {
    /** No token: what probes ask. */
    NOBODY,
    /** Looks at things. */
    VIEWER,
    /** Moves traffic. */
    OPERATOR,
    /** Everything. */
    ADMIN;

    boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
