package dev.turnout.proxy.observe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Immutable. The closed set of values that a metric label may take; whatever is not in it counts as {@code other}. */
final class ClosedLabels {

    static final String OTHER = "other";

    private final List<String> values;
    private final Map<String, Integer> indexes;

    ClosedLabels(List<String> names) {
        List<String> all = new ArrayList<>(names);
        all.remove(OTHER);
        all.add(OTHER);
        this.values = List.copyOf(all);
        this.indexes = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            indexes.put(values.get(i), i);
        }
    }

    /** The index of a value, that of {@code other} if it is not known; allocates nothing. */
    int indexOf(String value) {
        Integer index = indexes.get(value);
        return index == null ? values.size() - 1 : index;
    }

    /** These values and some more. */
    ClosedLabels with(List<String> more) {
        List<String> all = new ArrayList<>(values);
        all.addAll(more);
        return new ClosedLabels(all);
    }

    int size() {
        return values.size();
    }

    String value(int index) {
        return values.get(index);
    }
}
