package dev.turnout.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Confined to one event loop. What is wrong with a request, collected so that all of it is told at once. */
final class Faults {

    private static final int MOST = 20;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_PLACE = 200;

    /**
     * Immutable. One thing that is wrong.
     *
     * @param pointer JSON pointer (RFC 6901) into the body, or {@code ?name} for a query parameter
     * @param message what was expected
     */
    record Fault(String pointer, String message) {
        Fault {
            Objects.requireNonNull(pointer);
            Objects.requireNonNull(message);
        }
    }

    private final List<Fault> faults = new ArrayList<>();

    /** Adds a fault of a field of the body. */
    void field(String name, String message) {
        add("/" + shortened(name).replace("~", "~0").replace("/", "~1"), message);
    }

    /** Adds a fault at a place in the body, a JSON pointer without its first slash. */
    void at(String place, String message) {
        add("/" + (place.length() <= LONGEST_PLACE ? place : place.substring(0, LONGEST_PLACE) + "..."), message);
    }

    /** Adds a fault of a query parameter. */
    void parameter(String name, String message) {
        add("?" + shortened(name), message);
    }

    /** Adds a fault of the body as a whole. */
    void body(String message) {
        add("", message);
    }

    /** Ends the reading. */
    void check() throws Problem {
        if (!faults.isEmpty()) {
            throw toProblem();
        }
    }

    List<Fault> list() {
        return List.copyOf(faults);
    }

    Problem toProblem() {
        return Problem.invalid(faults);
    }

    private void add(String pointer, String message) {
        if (faults.size() < MOST) {
            faults.add(new Fault(pointer, message));
        }
    }

    /** Names come from the client and go back to it: bounded here, escaped by the JSON writer. */
    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
    }
}
