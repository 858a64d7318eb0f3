package dev.turnout.proxy.discovery;

import dev.turnout.config.BackendName;
import dev.turnout.config.DnsSettings;
import dev.turnout.proxy.routing.NameLookups.Lookup;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop, but for {@link #lookup}. The backends that one name leads to: looked up again when the time of its
 * records is over, and sooner, and then ever later, after a failure. A failure tells nobody anything: what was found stands.
 */
final class DnsSource implements BackendSource {

    private static final Logger log = LoggerFactory.getLogger(DnsSource.class);

    /** So that many names, or many proxies, do not stay in step. */
    private static final double JITTER = 0.1;

    private static final int MOST_DOUBLINGS = 20;

    private static final String NOWHERE = "it leads nowhere";
    private static final String STAYS = "what it led to stays";
    private static final String DRAINED = "what it led to is drained";

    private final BackendName name;
    private final DnsSettings settings;
    private final NameResolver resolver;
    private final ScheduledExecutorService loop;
    private final InstantSource clock;
    private final LongSupplier ticker;

    private @Nullable Listener listener;
    private @Nullable Future<?> next;
    private int failures;
    /** Whether it is absent without an answer in between, and since when by the ticker. */
    private boolean absent;

    private long absentSince;

    private Instant resolvedAt = Instant.EPOCH;

    /** What there is to lose by a failure, in words. */
    private String rest;

    /** Written by the event loop, read by status. */
    private volatile Optional<Lookup> lookup = Optional.empty();

    /** @param leads whether it led somewhere before, as in the last process */
    DnsSource(
            BackendName name,
            boolean leads,
            DnsSettings settings,
            NameResolver resolver,
            ScheduledExecutorService loop,
            InstantSource clock,
            LongSupplier ticker) {
        this.name = name;
        this.rest = leads ? STAYS : NOWHERE;
        this.settings = settings;
        this.resolver = resolver;
        this.loop = loop;
        this.clock = clock;
        this.ticker = ticker;
    }

    @Override
    public void start(Listener told) {
        listener = told;
        look();
    }

    @Override
    public Optional<Lookup> lookup() {
        return lookup;
    }

    @Override
    public void close() {
        listener = null;
        if (next != null) {
            next.cancel(false);
        }
    }

    private void look() {
        resolver.look(name).thenAccept(this::looked);
    }

    private void looked(Answer answer) {
        if (listener == null) {
            return;
        }
        Instant now = clock.instant();
        if (answer instanceof Answer.Leads leads) {
            failures = 0;
            absent = false;
            resolvedAt = now;
            rest = STAYS;
            listener.found(leads.all());
            again(now, bounded(Duration.ofSeconds(leads.ttlSeconds())), Optional.empty(), Result.FOUND);
        } else if (answer instanceof Answer.Absent none) {
            Duration left = settings.hold().minus(absentFor());
            boolean drains = settings.absent() == DnsSettings.Absent.DRAIN;
            if (drains && !left.isNegative() && !left.isZero()) {
                Duration pause = pause();
                String then = rest.equals(STAYS) ? DRAINED + " in " + left.toSeconds() + " s" : rest;
                again(
                        now,
                        pause.compareTo(left) < 0 ? pause : left,
                        Optional.of(none.why() + ", " + then),
                        Result.ABSENT);
            } else {
                if (drains) {
                    rest = rest.equals(STAYS) ? DRAINED : rest;
                    listener.found(List.of());
                }
                again(now, pause(), Optional.of(none.why() + ", " + rest), Result.ABSENT);
            }
        } else if (answer instanceof Answer.Failed failed) {
            again(now, pause(), Optional.of(failed.why() + ", " + rest), Result.FAILED);
        }
    }

    private Duration absentFor() {
        long now = ticker.getAsLong();
        if (!absent) {
            absent = true;
            absentSince = now;
        }
        return Duration.ofNanos(now - absentSince);
    }

    private void again(Instant now, Duration after, Optional<String> problem, Result result) {
        tell(problem);
        lookup = Optional.of(new Lookup(now, resolvedAt, now.plus(after), problem));
        double factor = ThreadLocalRandom.current().nextDouble(1 - JITTER, 1);
        next = loop.schedule(this::look, (long) (after.toNanos() * factor), TimeUnit.NANOSECONDS);
        Listener told = listener;
        if (told != null) {
            told.looked(result);
        }
    }

    private void tell(Optional<String> problem) {
        Optional<String> before = lookup.flatMap(Lookup::problem);
        if (problem.isPresent() && before.isEmpty()) {
            log.warn("name {}: {}", name, problem.get());
        } else if (problem.isEmpty() && before.isPresent()) {
            log.info("name {} resolves again", name);
        }
    }

    /** Before the next try, after one more failure. */
    private Duration pause() {
        failures = Math.min(failures + 1, MOST_DOUBLINGS);
        return bounded(settings.minTtl().multipliedBy(1L << (failures - 1)));
    }

    private Duration bounded(Duration time) {
        if (time.compareTo(settings.minTtl()) < 0) {
            return settings.minTtl();
        }
        return time.compareTo(settings.maxTtl()) > 0 ? settings.maxTtl() : time;
    }
}
