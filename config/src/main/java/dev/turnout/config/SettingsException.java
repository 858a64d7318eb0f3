package dev.turnout.config;

import java.util.List;
import java.util.stream.Collectors;

/** Immutable. A configuration that cannot be used: all its problems at once, by line, at least one of them an error. */
public final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    SettingsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    /** Errors and warnings, in the order of their lines. */
    public List<Problem> problems() {
        return problems;
    }
}
