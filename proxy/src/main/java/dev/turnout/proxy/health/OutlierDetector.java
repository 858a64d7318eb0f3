package dev.turnout.proxy.health;

import dev.turnout.config.Colour;
import dev.turnout.config.OutlierSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. Ejects backends for what real traffic showed of them, and takes them back, as in Envoy's
 * outlier detection; what the rules are is said in {@link OutlierSettings}.
 */
final class OutlierDetector {

    private static final Logger log = LoggerFactory.getLogger(OutlierDetector.class);

    /** Confined to one event loop. What is remembered of one backend. */
    private static final class Past {
        /** Ejections that are not forgiven. */
        private int times;
        /** Whether it was ejected at some time since the last look at success rates. */
        private boolean harmed;
        /** Whether it was not ejected because too many were, told of, until it does without for an interval. */
        private boolean spared;

        private boolean sparedLately;
        /** When the ejection under way ends. */
        private long until;
        /** Answers and failures up to the last look at success rates. */
        private long good;

        private long all;
    }

    /** Immutable. One backend in one interval. */
    private record Rate(Backend backend, double share, long requests) {}

    private final LongSupplier nanos;
    private final InstantSource clock;
    private final Map<Backend, Past> pasts = new HashMap<>();
    private final Map<Colour, Long> nextLook = new EnumMap<>(Colour.class);

    OutlierDetector(LongSupplier nanos, InstantSource clock) {
        this.nanos = nanos;
        this.clock = clock;
    }

    /** Forgets backends that are gone. */
    void follow(RoutingTable table) {
        pasts.keySet().retainAll(new HashSet<>(table.backends()));
    }

    /** Whether so many failures of that kind in a row are a reason to eject; asked on any thread. */
    static boolean isTooMany(OutlierSettings settings, FailureKind kind, int inARow) {
        int limit = kind.isLocal() ? settings.localErrors() : settings.serverErrors();
        return limit > 0 && inARow % limit == 0;
    }

    /** Ejects a backend with too many failures in a row, if the pool can spare it; returns whether it did. */
    boolean failed(RoutingTable table, Backend backend, FailureKind kind, int inARow) {
        return eject(
                table.pool(backend.colour()),
                backend,
                inARow + (kind.isLocal() ? " failures in a row, the last: " : " in a row: ") + kind.label());
    }

    /** To be called every now and then. Takes back whose time is over, and looks at success rates; returns whether anything changed. */
    boolean look(RoutingTable table) {
        boolean changed = takeBack(table);
        for (Colour colour : Colour.values()) {
            Pool pool = table.pool(colour);
            long interval = pool.settings().outliers().interval().toNanos();
            long next = nextLook.computeIfAbsent(colour, any -> nanos.getAsLong() + interval);
            if (nanos.getAsLong() - next >= 0) {
                nextLook.put(colour, nanos.getAsLong() + interval);
                changed |= compare(pool);
                forgive(pool);
            }
        }
        return changed;
    }

    private boolean takeBack(RoutingTable table) {
        boolean changed = false;
        for (Backend backend : table.backends()) {
            if (backend.isEjected() && nanos.getAsLong() - past(backend).until >= 0) {
                backend.setEjection(null, nanos.getAsLong());
                past(backend).harmed = true;
                log.info("backend {} is taken back, its ejection is over", backend);
                changed = true;
            }
        }
        return changed;
    }

    /** An interval in which it did harm, or could not do any, is none that speaks for it. */
    private void forgive(Pool pool) {
        for (Pool.Member member : pool.members()) {
            Past past = past(member.backend());
            if (!past.harmed && past.times > 0) {
                past.times--;
            }
            past.harmed = member.backend().isEjected();
            past.spared &= past.sparedLately;
            past.sparedLately = false;
        }
    }

    private boolean compare(Pool pool) {
        OutlierSettings settings = pool.settings().outliers();
        List<Rate> rates = new ArrayList<>();
        for (Pool.Member member : pool.members()) {
            Rate rate = rate(member.backend());
            if (rate.requests() >= settings.successRateRequests()) {
                rates.add(rate);
            }
        }
        if (!settings.successRate() || rates.size() < settings.successRateBackends()) {
            return false;
        }
        double mean = rates.stream().mapToDouble(Rate::share).average().orElse(1);
        double variance = rates.stream()
                .mapToDouble(rate -> (rate.share() - mean) * (rate.share() - mean))
                .average()
                .orElse(0);
        double least = mean - Math.sqrt(variance) * settings.successRateDeviation() / 100;
        boolean changed = false;
        for (Rate rate : rates) {
            if (rate.share() < least) {
                String reason = String.format(
                        "success rate %.1f %% of %d requests, the pool's is %.1f %%",
                        100 * rate.share(), rate.requests(), 100 * mean);
                changed |= eject(pool, rate.backend(), reason);
            }
        }
        return changed;
    }

    /** Since the last time it was asked for. */
    private Rate rate(Backend backend) {
        // A failure behind the head of an answer is one request, and no good one.
        long good = -backend.cut();
        for (int codeClass = 1; codeClass <= 4; codeClass++) {
            good += backend.responses(codeClass);
        }
        long all = good + backend.responses(5);
        for (FailureKind kind : FailureKind.values()) {
            all += kind.isLocal() ? backend.failures(kind) : 0;
        }
        Past past = past(backend);
        long requests = all - past.all;
        double share = requests == 0 ? 1 : (double) (good - past.good) / requests;
        past.good = good;
        past.all = all;
        return new Rate(backend, share, requests);
    }

    private boolean eject(Pool pool, Backend backend, String reason) {
        OutlierSettings settings = pool.settings().outliers();
        boolean serves =
                pool.members().stream().filter(Pool.Member::isServing).anyMatch(member -> member.backend() == backend);
        if (!serves || backend.isEjected() || !backend.isUp()) {
            return false;
        }
        Past past = past(backend);
        if (!canSpareOneMore(pool, settings.mostEjectedPercent())) {
            backend.countEjectionOverflow();
            past.sparedLately = true;
            if (!past.spared) {
                past.spared = true;
                log.warn("backend {} would be ejected, but too many of its pool are: {}", backend, reason);
            }
            return false;
        }
        past.spared = false;
        past.harmed = true;
        past.times++;
        Duration time = settings.ejectionTime().multipliedBy(past.times);
        Duration bounded = time.compareTo(settings.longestEjection()) < 0 ? time : settings.longestEjection();
        long now = nanos.getAsLong();
        past.until = now + bounded.toNanos();
        backend.setEjection(new Ejection(clock.instant(), clock.instant().plus(bounded), past.times, reason), now);
        log.warn("backend {} is ejected for {} s: {}", backend, bounded.toMillis() / 1000.0, reason);
        return true;
    }

    /** Those that get no requests by order, or for lack of weight, are no part of the whole. */
    private static boolean canSpareOneMore(Pool pool, int percent) {
        int serving = 0;
        int ejected = 0;
        for (Pool.Member member : pool.members()) {
            if (member.isServing()) {
                serving++;
                ejected += member.backend().isEjected() ? 1 : 0;
            }
        }
        boolean first = ejected == 0 && percent > 0;
        return first || (ejected + 1) * 100L <= (long) percent * serving;
    }

    private Past past(Backend backend) {
        return pasts.computeIfAbsent(backend, any -> new Past());
    }
}
