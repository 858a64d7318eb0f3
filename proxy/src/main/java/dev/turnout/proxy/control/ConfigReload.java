package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.config.LoadedSettings;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Problem;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsException;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Thread-safe. Reads the configuration file again, on a thread of its own, and puts what differs in force: pools, health,
 * outlier detection, warm-up and balancer. What else differs takes a restart, and is told. A file with an error changes nothing.
 */
public final class ConfigReload implements AutoCloseable {

    /**
     * Immutable.
     *
     * @param applied what differed and is in force now, or would be
     * @param needRestart what differs from what the process was started with, and takes a restart
     * @param standing pools whose backends were edited at run time and stay so
     * @param warnings of the file
     */
    public record Outcome(
            ChangeResult result,
            List<String> applied,
            List<String> needRestart,
            List<Colour> standing,
            List<Problem> warnings) {
        public Outcome {
            Objects.requireNonNull(result);
            applied = List.copyOf(applied);
            needRestart = List.copyOf(needRestart);
            standing = List.copyOf(standing);
            warnings = List.copyOf(warnings);
        }
    }

    private final Supplier<LoadedSettings> file;
    private final Settings started;
    private final Switchboard switchboard;
    private final ControlPlane control;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "turnout-reload");
        made.setDaemon(true);
        return made;
    });

    /**
     * Reads nothing yet.
     *
     * @param file reads it, or throws {@link SettingsException}; may block
     * @param started what the process was started with
     */
    public ConfigReload(
            Supplier<LoadedSettings> file, Settings started, Switchboard switchboard, ControlPlane control) {
        this.file = file;
        this.started = started;
        this.switchboard = switchboard;
        this.control = control;
    }

    /**
     * Reads the file and puts in force what differs.
     *
     * @param terms under which the change is made that it comes to
     * @return fails with {@link SettingsException} if the file has errors, and with {@link ChangeRefused} if what it says was
     *     not put in force; then nothing has changed
     */
    public CompletionStage<Outcome> reload(Function<Change, ChangeRequest> terms) {
        try {
            return CompletableFuture.supplyAsync(file, thread).thenCompose(read -> submit(read, terms));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new ChangeRefused(
                    ChangeRefused.Kind.SHUTTING_DOWN,
                    "Turnout is shutting down",
                    switchboard.current().revision()));
        }
    }

    private CompletionStage<Outcome> submit(LoadedSettings read, Function<Change, ChangeRequest> terms) {
        Settings settings = read.settings();
        RoutingTable before = switchboard.current();
        Change change = new Reload(settings.blue(), settings.green(), settings.balancer());
        return control.submit(terms.apply(change))
                .thenApply(result -> new Outcome(
                        result,
                        applied(before, settings),
                        RestartKeys.of(started, settings),
                        standing(before, settings),
                        read.warnings()));
    }

    private static List<String> applied(RoutingTable before, Settings read) {
        List<String> applied = new ArrayList<>();
        if (!before.blue().balancing().equals(read.balancer())) {
            applied.add("balancer");
        }
        for (Colour colour : Colour.values()) {
            Pool pool = before.pool(colour);
            PoolSettings next = read.pool(colour);
            String place = "pools." + colour.label() + ".";
            if (!pool.settings().health().equals(next.health())) {
                applied.add(place + "health");
            }
            if (!pool.settings().outliers().equals(next.outliers())) {
                applied.add(place + "outlier-detection");
            }
            if (!pool.settings().warmUp().equals(next.warmUp())) {
                applied.add(place + "warm-up");
            }
            if (!pool.settings().definition().equals(next.definition())) {
                applied.add(place + "backends");
            }
        }
        return applied;
    }

    private static List<Colour> standing(RoutingTable before, Settings read) {
        List<Colour> standing = new ArrayList<>();
        for (Colour colour : Colour.values()) {
            if (before.pool(colour)
                    .edit()
                    .filter(edit -> edit.definition().equals(read.pool(colour).definition()))
                    .isPresent()) {
                standing.add(colour);
            }
        }
        return standing;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
