package dev.turnout.config;

import java.time.Duration;
import java.util.Objects;

/**
 * Immutable. When a backend of a pool is ejected for what real traffic showed of it, as in Envoy's outlier detection.
 *
 * @param localErrors failures in a row that Turnout saw itself (no connection, a broken answer, a timeout); 0: never
 * @param serverErrors answers of 5xx in a row; 0: never
 * @param successRate whether a share of successes far below that of the pool ejects
 * @param successRateBackends that must have had enough requests in an interval before that is looked at
 * @param successRateRequests in an interval that are enough
 * @param successRateDeviation hundredths of a standard deviation that a success rate may lie below the mean of the pool
 * @param interval how often success rates are looked at, and a backend that did no harm is forgiven an earlier ejection
 * @param ejectionTime of the first ejection; the next takes twice as long, the third three times, and so on
 * @param longestEjection what that grows to
 * @param mostEjectedPercent of a pool's backends that are ejected at a time, but one may always be
 * @param panicThreshold percent of a pool's backends; while fewer are usable all are used
 */
public record OutlierSettings(
        int localErrors,
        int serverErrors,
        boolean successRate,
        int successRateBackends,
        int successRateRequests,
        int successRateDeviation,
        Duration interval,
        Duration ejectionTime,
        Duration longestEjection,
        int mostEjectedPercent,
        int panicThreshold) {

    /** Nobody is ejected, and there is no panic. */
    public static final OutlierSettings OFF = new OutlierSettings(
            0, 0, false, 5, 100, 190, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(5), 0, 0);

    public OutlierSettings {
        Objects.requireNonNull(interval);
        Objects.requireNonNull(ejectionTime);
        Objects.requireNonNull(longestEjection);
    }
}
