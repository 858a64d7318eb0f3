package dev.turnout.proxy.release;

import dev.turnout.config.Colour;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Immutable. What the judge says of a release at one moment, and by what.
 *
 * @param why for people
 * @param evidence that the new colour is worse than tolerated; 1 is none
 * @param needed the evidence at which there is an alarm
 * @param canaryRequests first attempts of this step on the new colour whose colour was drawn
 * @param activeRequests the same on the old one
 * @param healthyEvidence that it is not bad
 * @param worstRoutes where most bad attempts of the new colour were
 */
public record Verdict(
        Outcome outcome,
        String why,
        double evidence,
        double needed,
        Map<Signal, SignalReport> signals,
        long canaryRequests,
        long activeRequests,
        double canaryErrorRate,
        double activeErrorRate,
        double healthyEvidence,
        double healthyNeeded,
        List<Culprit> worstRoutes,
        List<Culprit> worstBackends) {

    /** What it comes to. */
    public enum Outcome {
        /** There is evidence to go on. */
        PASS,
        /** An alarm; it stands. */
        FAIL,
        /** There is not enough yet. */
        INCONCLUSIVE
    }

    /**
     * Immutable. One signal.
     *
     * @param evidence as far as this signal goes
     * @param canaryEvents bad attempts that counted
     * @param ratio how many times the old colour's, each by its requests; 0 if there is nothing to compare
     */
    public record SignalReport(double evidence, long canaryEvents, long activeEvents, double ratio) {}

    /** Immutable. Where bad attempts of the new colour were, and how many. */
    public record Culprit(String name, long count) {
        public Culprit {
            Objects.requireNonNull(name);
        }
    }

    public Verdict {
        Objects.requireNonNull(outcome);
        Objects.requireNonNull(why);
        signals = Map.copyOf(signals);
        worstRoutes = List.copyOf(worstRoutes);
        worstBackends = List.copyOf(worstBackends);
    }

    public boolean isAlarm() {
        return outcome == Outcome.FAIL;
    }

    /** One line: {@code evidence 37x of 100x needed, errors blue 9 : green 4, ratio 4.1}. */
    public String text(Colour candidate) {
        StringBuilder text = new StringBuilder();
        if (isAlarm()) {
            text.append(why).append("; ");
        }
        text.append("evidence ")
                .append(times(evidence))
                .append(" of ")
                .append(times(needed))
                .append(" needed");
        for (Signal signal : Signal.values()) {
            SignalReport report = signals.get(signal);
            if (report != null && report.canaryEvents() + report.activeEvents() > 0) {
                text.append(String.format(
                        Locale.ROOT,
                        ", %s %s %d : %s %d",
                        signal == Signal.ERROR ? "errors" : "slow",
                        candidate.other().label(),
                        report.activeEvents(),
                        candidate.label(),
                        report.canaryEvents()));
                if (report.ratio() > 0) {
                    text.append(String.format(Locale.ROOT, ", ratio %.1f", report.ratio()));
                }
            }
        }
        return text.toString();
    }

    private static String times(double evidence) {
        if (evidence >= 10_000) {
            return "over 9999x";
        }
        return String.format(Locale.ROOT, evidence < 10 ? "%.1fx" : "%.0fx", evidence);
    }
}
