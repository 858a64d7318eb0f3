package dev.turnout.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Immutable. Guesses which name was meant by a mistyped one. */
final class NearestName {

    private NearestName() {}

    /**
     * The candidate with the fewest edits from {@code name}, if they are few for its length. Case, hyphens and
     * underscores do not count: {@code keepAlive} is {@code keep-alive}.
     */
    static @Nullable String of(String name, Collection<String> candidates) {
        String wanted = bare(name);
        String nearest = null;
        int fewest = wanted.length() <= 3 ? 2 : Math.max(2, wanted.length() / 3) + 1;
        for (String candidate : candidates) {
            int edits = edits(wanted, bare(candidate));
            if (edits < fewest) {
                fewest = edits;
                nearest = candidate;
            }
        }
        return nearest;
    }

    private static String bare(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Levenshtein's distance, one row at a time. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}
