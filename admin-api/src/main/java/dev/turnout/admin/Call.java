package dev.turnout.admin;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Actor;
import java.util.Map;
import java.util.Objects;

/**
 * Confined to one event loop. A request that was let in: by whom, and what its path says.
 *
 * @param variables what stands in the path where the pattern has {@code {name}}
 */
record Call(AdminRequest request, Actor actor, Map<String, String> variables) {

    Call {
        Objects.requireNonNull(request);
        Objects.requireNonNull(actor);
        variables = Map.copyOf(variables);
    }

    /** What stands in the path for that name. */
    String variable(String name) {
        return Objects.requireNonNull(variables.get(name));
    }

    /** The colour the path names. */
    Colour colour() throws Problem {
        for (Colour colour : Colour.values()) {
            if (colour.label().equals(variables.get("colour"))) {
                return colour;
            }
        }
        throw new Problem(ProblemType.NOT_FOUND, "no such pool (expected: blue or green)");
    }
}
