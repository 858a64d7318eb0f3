package dev.turnout.proxy.discovery;

import dev.turnout.proxy.routing.Found;
import java.util.List;
import java.util.Objects;

/** Immutable. What came of one look-up of a name. */
sealed interface Answer {

    /**
     * It leads to backends.
     *
     * @param all at least one, none twice
     * @param ttlSeconds how long that is so, by its records
     */
    record Leads(List<Found> all, long ttlSeconds) implements Answer {
        public Leads {
            all = List.copyOf(all);
        }
    }

    /**
     * There is no such name, or no such record of it.
     *
     * @param why in words for the operator
     */
    record Absent(String why) implements Answer {
        public Absent {
            Objects.requireNonNull(why);
        }
    }

    /**
     * Nobody knows.
     *
     * @param why in words for the operator
     */
    record Failed(String why) implements Answer {
        public Failed {
            Objects.requireNonNull(why);
        }
    }
}
