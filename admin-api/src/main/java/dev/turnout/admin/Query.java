package dev.turnout.admin;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads the parameters of a query; {@link #check} tells all that is wrong with them, those
 * nobody asked for included.
 */
final class Query {

    private final Map<String, List<String>> unread;
    private final Faults faults = new Faults();

    private Query(Map<String, List<String>> parameters) {
        this.unread = new HashMap<>(parameters);
    }

    static Query of(Call call) {
        return new Query(call.request().query());
    }

    /** A command takes none: {@code /admin/switch?to=green} would otherwise go to wherever it likes. */
    static void refuseAny(Call call) throws Problem {
        of(call).check();
    }

    OptionalLong number(String name, long least, long most) {
        String text = take(name);
        if (text == null) {
            return OptionalLong.empty();
        }
        if (text.matches("[0-9]{1,18}")) {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return OptionalLong.of(number);
            }
        }
        faults.parameter(name, "expected: a whole number in " + least + ".." + most);
        return OptionalLong.empty();
    }

    Optional<Duration> duration(String name) {
        String text = take(name);
        if (text == null) {
            return Optional.empty();
        }
        Optional<Duration> duration = DurationText.parse(text);
        if (duration.isEmpty()) {
            faults.parameter(name, DurationText.EXPECTED);
        }
        return duration;
    }

    Optional<String> word(String name, List<String> words) {
        String text = take(name);
        if (text != null && !words.contains(text)) {
            faults.parameter(name, "expected: one of " + String.join(", ", words));
        }
        return Optional.ofNullable(text);
    }

    void check() throws Problem {
        unread.keySet().stream().sorted().forEach(name -> faults.parameter(name, "unknown parameter"));
        faults.check();
    }

    private @Nullable String take(String name) {
        List<String> values = unread.remove(name);
        if (values == null) {
            return null;
        }
        if (values.size() > 1) {
            faults.parameter(name, "given more than once");
        }
        return values.get(0);
    }
}
