package dev.turnout.proxy.mirror;

import dev.turnout.config.Colour;
import dev.turnout.proxy.mirror.MirrorReport.Example;
import dev.turnout.proxy.mirror.MirrorReport.Route;
import dev.turnout.proxy.mirror.MirrorReport.Times;
import dev.turnout.proxy.release.HeadTimes;
import dev.turnout.proxy.routing.MirrorOrder;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Thread-safe. What was found under one order: sums, and the paths that differ, a bounded number of them. */
final class Findings {

    private static final int MOST_ROUTES = 100;
    private static final int SHOWN_ROUTES = 20;
    private static final String OTHERS = "(others)";

    private static final class RouteCount {
        long compared;
        long different;
        long failed;

        @Nullable
        Example example;
    }

    private final MirrorOrder order;
    private final Colour idle;
    private final Map<String, RouteCount> routes = new HashMap<>();
    private final long[] activeTimes = new long[HeadTimes.COUNT];
    private final long[] copyTimes = new long[HeadTimes.COUNT];
    private long same;
    private long different;
    private long failed;
    private long skipped;
    private long status;
    private long headers;
    private long body;

    Findings(MirrorOrder order, Colour idle) {
        this.order = order;
        this.idle = idle;
    }

    MirrorOrder order() {
        return order;
    }

    synchronized void compared(String route, Comparison found, Example example, long activeNanos, long copyNanos) {
        activeTimes[HeadTimes.indexOf(activeNanos)]++;
        copyTimes[HeadTimes.indexOf(copyNanos)]++;
        RouteCount count = route(route);
        count.compared++;
        if (found.isSame()) {
            same++;
            return;
        }
        different++;
        status += found.status() ? 1 : 0;
        headers += found.headers() ? 1 : 0;
        body += found.body() ? 1 : 0;
        count.different++;
        count.example = example;
    }

    synchronized void failed(String route, Example example) {
        failed++;
        RouteCount count = route(route);
        count.compared++;
        count.failed++;
        count.example = example;
    }

    synchronized void skipped() {
        skipped++;
    }

    private RouteCount route(String name) {
        RouteCount known = routes.get(name);
        if (known != null) {
            return known;
        }
        return routes.computeIfAbsent(routes.size() < MOST_ROUTES ? name : OTHERS, added -> new RouteCount());
    }

    synchronized MirrorReport report() {
        List<Route> worst = routes.entrySet().stream()
                .filter(entry -> entry.getValue().example != null)
                .sorted(Comparator.comparingLong((Map.Entry<String, RouteCount> entry) -> bad(entry.getValue()))
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .limit(SHOWN_ROUTES)
                .map(entry -> told(entry.getKey(), entry.getValue()))
                .toList();
        return new MirrorReport(
                order,
                idle,
                same,
                different,
                failed,
                skipped,
                status,
                headers,
                body,
                times(activeTimes),
                times(copyTimes),
                worst);
    }

    private static long bad(RouteCount count) {
        return count.different + count.failed;
    }

    private static Route told(String name, RouteCount count) {
        Example example = count.example;
        if (example == null) {
            throw new IllegalStateException(name);
        }
        return new Route(name, count.compared, count.different, count.failed, example);
    }

    private static Times times(long[] counts) {
        return new Times(quantile(counts, 0.5), quantile(counts, 0.99));
    }

    private static long quantile(long[] counts, double share) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        long wanted = (long) Math.ceil(sum * share);
        long seen = 0;
        for (int i = 0; i < counts.length && wanted > 0; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return HeadTimes.endOf(i);
            }
        }
        return 0;
    }
}
