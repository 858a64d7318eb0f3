package dev.turnout.proxy.release;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Immutable. Why a request went to the colour it went to. */
public enum Routed {
    /** There was no release: to the active colour. */
    NORMAL(false),
    /** Its user's bucket, or the dice, sent it to the old colour. */
    BASELINE_BY_SHARE(false),
    /** The same, to the new colour. */
    CANDIDATE_BY_SHARE(true),
    BASELINE_BY_RULE(false),
    CANDIDATE_BY_RULE(true),
    /** It belongs to the new colour, which has nobody to serve it: to the old one. */
    CANDIDATE_UNAVAILABLE(false),
    /** The same the other way round: while the new colour is watched, the old one has nobody. */
    BASELINE_UNAVAILABLE(false),
    /** Its cookie names a backend of the colour that was active before, which keeps its users. */
    STICKY(false),
    /** The operator looks at the idle colour. */
    PREVIEW(false);

    private final boolean candidate;
    private final String label;

    Routed(boolean candidate) {
        this.candidate = candidate;
        this.label = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it goes to the new colour of the release. */
    public boolean isCandidate() {
        return candidate;
    }

    /** Whether its colour was drawn, by hash or at random, so that the two colours can be compared by it. */
    public boolean isDrawn() {
        return this == BASELINE_BY_SHARE || this == CANDIDATE_BY_SHARE;
    }

    /** Whether a rule chose its colour. */
    public boolean isByRule() {
        return this == BASELINE_BY_RULE || this == CANDIDATE_BY_RULE;
    }

    /** The name in kebab case: the metric label, and the word in the access log. */
    public String label() {
        return label;
    }

    /** All labels, for metrics. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(Routed::label).toList();
    }
}
