package dev.turnout.config;

import dev.turnout.config.Problem.Severity;
import java.time.Duration;

/** Immutable. Reads the section {@code outlier-detection}. */
final class OutlierReader {

    private static final Duration DAY = Duration.ofDays(1);

    private OutlierReader() {}

    static OutlierSettings read(Section outlier) {
        OutlierSettings settings = new OutlierSettings(
                outlier.integer("local-errors", 0, 10_000),
                outlier.integer("server-errors", 0, 10_000),
                outlier.flag("success-rate"),
                outlier.integer("success-rate-backends", 2, 1000),
                outlier.integer("success-rate-requests", 1, 1_000_000),
                outlier.integer("success-rate-deviation", 0, 1000),
                outlier.duration("interval", Duration.ofMillis(10), DAY),
                outlier.duration("ejection-time", Duration.ofMillis(10), DAY),
                outlier.duration("longest-ejection", Duration.ofMillis(10), DAY),
                outlier.integer("most-ejected-percent", 0, 100),
                outlier.integer("panic-threshold", 0, 100));
        if (settings.longestEjection().compareTo(settings.ejectionTime()) < 0) {
            outlier.clash("longest-ejection", "ejection-time", "at least the ejection-time", Severity.ERROR);
        }
        return settings;
    }
}
