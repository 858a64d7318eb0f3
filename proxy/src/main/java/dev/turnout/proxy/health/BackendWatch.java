package dev.turnout.proxy.health;

import dev.turnout.config.HealthSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.HealthView;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to one event loop. Probes one backend again and again, one probe at a time, and keeps its health. */
final class BackendWatch {

    private static final Logger log = LoggerFactory.getLogger(BackendWatch.class);

    /** So that the probes of many backends, or of many proxies, do not stay in step. */
    private static final double JITTER = 0.1;

    private final Backend backend;
    private final HealthSettings settings;
    private final EventLoop loop;
    private final Runnable healthChanged;
    private final HealthJudge judge;

    private HealthJudge.Standing standing;
    private @Nullable Runnable firstProbeOver;
    private @Nullable HealthProbe probe;
    private @Nullable Future<?> next;

    /**
     * The first watch of a backend, which has yet to begin.
     *
     * @param firstProbeOver run once, after {@code healthChanged}
     */
    BackendWatch(
            Backend backend, HealthSettings settings, EventLoop loop, Runnable healthChanged, Runnable firstProbeOver) {
        this(backend, settings, loop, healthChanged, HealthJudge.Standing.NEW);
        this.firstProbeOver = firstProbeOver;
    }

    /** One that takes the place of another, as the backend is to be probed in another way: what is known of it stays. */
    BackendWatch(
            Backend backend,
            HealthSettings settings,
            EventLoop loop,
            Runnable healthChanged,
            HealthJudge.Standing standing) {
        this.backend = backend;
        this.settings = settings;
        this.loop = loop;
        this.healthChanged = healthChanged;
        this.judge = new HealthJudge(settings.rise(), settings.fall());
        this.standing = standing;
    }

    /** What whoever goes on with it has to know. */
    HealthJudge.Standing standing() {
        return settings.kind() == HealthSettings.Kind.NONE ? HealthJudge.Standing.UP : standing;
    }

    HealthSettings settings() {
        return settings;
    }

    /** Probes from now on. */
    void start() {
        switch (settings.kind()) {
            case NONE -> become(HealthView.UNCHECKED);
            case TCP, HTTP -> probe();
        }
    }

    /** Ends what is under way; nothing is reported after this. */
    void stop() {
        if (probe != null) {
            probe.cancel();
        }
        if (next != null) {
            next.cancel(false);
        }
    }

    private void probe() {
        long started = System.nanoTime();
        probe = new HealthProbe(settings, backend, result -> probed(result, started));
        probe.start(loop);
    }

    private void probed(ProbeResult result, long started) {
        long took = System.nanoTime() - started;
        double factor = ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER);
        standing = judge.after(standing, result);
        long delay = (long) (intervalNanos() * factor) - took;
        next = loop.schedule(this::probe, Math.max(0, delay), TimeUnit.NANOSECONDS);

        HealthView before = backend.health();
        Instant now = Instant.now();
        boolean turned = standing.up() != before.up();
        become(new HealthView(
                standing.up(),
                turned || before.since().equals(Instant.EPOCH) ? now : before.since(),
                now,
                TimeUnit.NANOSECONDS.toMillis(took),
                result.statusCode(),
                result.location(),
                result.body(),
                result.detail(),
                HealthProbe.asked(settings, backend),
                standing.against(),
                judge.turnsAt(standing)));
    }

    private long intervalNanos() {
        long usual = settings.interval().toNanos();
        return standing.against() == 0
                ? usual
                : Math.min(usual, settings.fastInterval().toNanos());
    }

    /** Keeps the new health; the first and each that differs is logged and told. */
    private void become(HealthView health) {
        boolean turned = health.up() != backend.isUp();
        Runnable first = firstProbeOver;
        firstProbeOver = null;
        backend.setHealth(health, System.nanoTime());
        if (turned || first != null) {
            if (health.up()) {
                log.info("backend {} is up: {}", backend, health.detail());
            } else {
                log.warn("backend {} is down: {}", backend, health.detail());
            }
            healthChanged.run();
        }
        if (first != null) {
            first.run();
        }
    }
}
