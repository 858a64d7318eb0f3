package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.config.LoadedSettings;
import dev.turnout.config.Problem;
import dev.turnout.config.Problem.Severity;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsException;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe. Reads the configuration file again, on a thread of its own, and puts what differs in force: pools, all that
 * is said of their backends, and balancer. What else differs takes a restart, and is told. A file with an error changes nothing.
 */
public final class ConfigReload implements AutoCloseable {

    /**
     * Immutable.
     *
     * @param applied what differed and is in force now, or would be
     * @param needRestart what differs from what the process was started with, and takes a restart
     * @param standing pools whose backends were edited at run time and stay so
     * @param dropped pools whose edits at run time are gone, as the file is in force again
     * @param warnings of the file
     */
    public record Outcome(
            ChangeResult result,
            List<String> applied,
            List<String> needRestart,
            List<Colour> standing,
            List<Colour> dropped,
            List<Problem> warnings) {
        public Outcome {
            Objects.requireNonNull(result);
            applied = List.copyOf(applied);
            needRestart = List.copyOf(needRestart);
            standing = List.copyOf(standing);
            dropped = List.copyOf(dropped);
            warnings = List.copyOf(warnings);
        }

        /** Those of the file, and edits that are lost. */
        public List<String> allWarnings() {
            List<String> all = new ArrayList<>();
            warnings.forEach(problem -> all.add(problem.toString()));
            dropped.forEach(colour ->
                    all.add("what was edited of " + colour.label() + " at run time is gone: it is as the file says"));
            return all;
        }
    }

    /**
     * Immutable. How the file is to be read again.
     *
     * @param discardEdits whether pools edited at run time go back to what the file says, although it says nothing new
     * @param dryRun whether only to tell what would be done, which the terms say too
     * @param terms under which the change is made that it comes to
     */
    public record Order(boolean discardEdits, boolean dryRun, Function<Change, ChangeRequest> terms) {
        public Order {
            Objects.requireNonNull(terms);
        }
    }

    /**
     * Immutable. The configuration file.
     *
     * @param name for people
     * @param reading reads it, or throws {@link SettingsException}; may block
     */
    public record Source(String name, Supplier<LoadedSettings> reading) {
        public Source {
            Objects.requireNonNull(name);
            Objects.requireNonNull(reading);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(ConfigReload.class);

    private final Supplier<LoadedSettings> file;
    private final Settings started;
    private final Switchboard switchboard;
    private final ControlPlane control;
    private final Clock clock;

    /** Counted up by whoever asks for a reading. */
    private final AtomicLong asked = new AtomicLong();

    /** Guarded by this: the newest reading that {@link #status} tells of. */
    private long newest;

    /** Written under the lock of this by whichever thread a reading goes on, read by event loops and scrapes. */
    private volatile ConfigStatus status;

    /** When the file was last put in force, or found equal. Written by whichever thread a reading ends on; read by scrapes. */
    private volatile long lastMillis;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "turnout-reload");
        made.setDaemon(true);
        return made;
    });

    /**
     * Reads nothing yet.
     *
     * @param started what the process was started with
     */
    public ConfigReload(Source file, Settings started, Switchboard switchboard, ControlPlane control, Clock clock) {
        this.file = file.reading();
        this.status = new ConfigStatus(file.name(), Optional.empty(), List.of());
        this.started = started;
        this.switchboard = switchboard;
        this.control = control;
        this.clock = clock;
        this.lastMillis = clock.millis();
    }

    /**
     * Reads the file and puts in force what differs.
     *
     * @return fails with {@link SettingsException} if the file has errors, and with {@link ChangeRefused} if what it says was
     *     not put in force; then nothing has changed
     */
    public CompletionStage<Outcome> reload(Order order) {
        // A dry run is none: what it finds is for whoever asked.
        long number = order.dryRun() ? 0 : asked.incrementAndGet();
        try {
            return CompletableFuture.supplyAsync(file, thread)
                    .thenCompose(read -> submit(read, order, number))
                    .whenComplete((outcome, failure) -> tell(number, outcome, failure));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new ChangeRefused(
                    ChangeRefused.Kind.SHUTTING_DOWN,
                    "Turnout is shutting down",
                    switchboard.current().revision()));
        }
    }

    private CompletionStage<Outcome> submit(LoadedSettings read, Order order, long number) {
        Settings settings = read.settings();
        List<String> needRestart = RestartKeys.of(started, settings);
        note(number, known -> known.read(needRestart));
        RoutingTable before = switchboard.current();
        List<String> applied = applied(before, settings, order.discardEdits());
        Change change =
                new Reload(settings.blue(), settings.green(), settings.balancer(), order.discardEdits(), applied);
        return control.submit(order.terms().apply(change))
                .thenApply(result -> new Outcome(
                        result,
                        applied,
                        needRestart,
                        edited(before, settings, order.discardEdits(), false),
                        edited(before, settings, order.discardEdits(), true),
                        read.warnings()));
    }

    private static List<String> applied(RoutingTable before, Settings read, boolean discardEdits) {
        List<String> applied =
                new ArrayList<>(PoolKeys.of(before.pool(Colour.BLUE).balancing(), read.balancer()));
        for (Colour colour : Colour.values()) {
            Pool pool = before.pool(colour);
            boolean unedited = Reload.dropsEdit(pool, read.pool(colour), discardEdits);
            applied.addAll(PoolKeys.of(pool, read.pool(colour), unedited));
        }
        return applied;
    }

    /** Pools that were edited at run time, whose edits stand or are dropped. */
    private static List<Colour> edited(RoutingTable before, Settings read, boolean discardEdits, boolean dropped) {
        List<Colour> edited = new ArrayList<>();
        for (Colour colour : Colour.values()) {
            Pool pool = before.pool(colour);
            if (pool.edit().isPresent() && Reload.dropsEdit(pool, read.pool(colour), discardEdits) == dropped) {
                edited.add(colour);
            }
        }
        return edited;
    }

    /** Passed over if a newer one was told of already: that one may fail while this one still waits for its turn. */
    private synchronized void note(long number, UnaryOperator<ConfigStatus> news) {
        if (number > 0 && number >= newest) {
            newest = number;
            status = news.apply(status);
        }
    }

    /** For all who may look, also at what they may not read: without what stands in the file. */
    private static List<String> problems(Throwable cause) {
        if (cause instanceof SettingsException settings) {
            return settings.problems().stream()
                    .filter(problem -> problem.severity() == Severity.ERROR)
                    .map(Problem::withoutValue)
                    .toList();
        }
        return List.of(
                cause instanceof ChangeRefused refused
                        ? String.valueOf(refused.getMessage())
                        : "a fault of Turnout's own, see the log");
    }

    /** How what is in force stands to the file; never blocks. */
    public ConfigStatus status() {
        return status;
    }

    /** Tells the status, the log and the metrics what came of it, whoever asked; of one that was to change nothing none. */
    private void tell(long number, @Nullable Outcome outcome, @Nullable Throwable failure) {
        if (number == 0) {
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        Instant now = clock.instant();
        if (cause != null) {
            List<String> problems = problems(cause);
            note(number, known -> known.refused(now, problems));
        } else if (outcome != null) {
            boolean changed = outcome.result().changed();
            note(number, known -> known.done(now, changed));
        }
        if (cause instanceof SettingsException settings) {
            log.error("the configuration file has errors, nothing was changed");
            settings.problems().forEach(problem -> log.error("{}", problem));
        } else if (cause != null) {
            log.error("the configuration file was not put in force: {}", cause.getMessage());
        } else if (outcome != null) {
            lastMillis = now.toEpochMilli();
            log.info("configuration file read again: {}", done(outcome));
            outcome.allWarnings().forEach(text -> log.warn("{}", text));
            outcome.standing().forEach(colour -> log.warn("{} stays as it was edited at run time", colour.label()));
            outcome.needRestart().forEach(key -> log.warn("{} differs, and takes a restart", key));
        }
    }

    private static String done(Outcome outcome) {
        if (!outcome.result().changed()) {
            return "nothing to change";
        }
        return outcome.applied().isEmpty()
                ? "edits that say the same are dropped"
                : "in force are " + outcome.applied();
    }

    /** Shows how the last reading went. */
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("turnout.config.last.reload.successful", this, ConfigReload::successful)
                .description("1 if the configuration file was good and put in force when it was last read.")
                .register(registry);
        Gauge.builder("turnout.config.last.reload.timestamp.seconds", this, reload -> reload.lastMillis / 1e3)
                .description("When the configuration file was last read and put in force.")
                .register(registry);
    }

    private int successful() {
        return status.lastReload()
                .filter(last -> last.result() == ConfigStatus.Result.REFUSED)
                .map(last -> 0)
                .orElse(1);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
