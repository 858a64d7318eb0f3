package dev.turnout.proxy.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable. How what is in force stands to the configuration file, by what was read of it last.
 *
 * @param file that the process was started with
 * @param lastReload empty if it was not read again yet; readings that were to change nothing do not count
 * @param needRestart what of the file, as it was last read without an error, differs from what the process was started with
 */
public record ConfigStatus(String file, Optional<LastReload> lastReload, List<String> needRestart) {

    private static final int MOST_PROBLEMS = 5;
    private static final int LONGEST_PROBLEM = 500;

    public ConfigStatus {
        Objects.requireNonNull(file);
        Objects.requireNonNull(lastReload);
        needRestart = List.copyOf(needRestart);
    }

    /** What came of a reading. */
    public enum Result {
        APPLIED,
        /** Nothing differed that a reload puts in force. */
        EQUAL,
        REFUSED
    }

    /**
     * Immutable.
     *
     * @param at when it was over
     * @param problems why it was refused; empty if it was not
     */
    public record LastReload(Instant at, Result result, List<String> problems) {
        public LastReload {
            Objects.requireNonNull(at);
            Objects.requireNonNull(result);
            problems = List.copyOf(problems);
        }
    }

    ConfigStatus read(List<String> differing) {
        return new ConfigStatus(file, lastReload, differing);
    }

    ConfigStatus done(Instant at, boolean changed) {
        Result result = changed ? Result.APPLIED : Result.EQUAL;
        return new ConfigStatus(file, Optional.of(new LastReload(at, result, List.of())), needRestart);
    }

    /** Keeps the first few of the problems, and the beginning of each. */
    ConfigStatus refused(Instant at, List<String> problems) {
        List<String> told = new ArrayList<>();
        problems.stream().limit(MOST_PROBLEMS).map(ConfigStatus::shortened).forEach(told::add);
        if (problems.size() > MOST_PROBLEMS) {
            told.add("and " + (problems.size() - MOST_PROBLEMS) + " more, see the log");
        }
        return new ConfigStatus(file, Optional.of(new LastReload(at, Result.REFUSED, told)), needRestart);
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_PROBLEM ? text : text.substring(0, LONGEST_PROBLEM) + "...";
    }
}
