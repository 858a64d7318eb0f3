package dev.turnout.admin;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Immutable. One row of the router's table.
 *
 * @param pattern a path whose segments may be {@code {name}}
 * @param role the least that may do this
 * @param summary for the index page
 */
record Route(String method, String pattern, Role role, String summary, Handler handler) {

    /** Confined to one event loop. Answers, at once or later on the same event loop. */
    @FunctionalInterface
    interface Handler {
        CompletableFuture<Reply> handle(Call call) throws Problem;
    }

    Route {
        Objects.requireNonNull(method);
        Objects.requireNonNull(pattern);
        Objects.requireNonNull(role);
        Objects.requireNonNull(summary);
        Objects.requireNonNull(handler);
    }

    /** What the path has in place of the variables, or empty if it is another path. */
    Optional<Map<String, String>> variables(String path) {
        List<String> expected = List.of(pattern.split("/", -1));
        List<String> actual = List.of(path.split("/", -1));
        if (expected.size() != actual.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < expected.size(); i++) {
            String segment = expected.get(i);
            if (segment.startsWith("{")) {
                variables.put(segment.substring(1, segment.length() - 1), actual.get(i));
            } else if (!segment.equals(actual.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }
}
