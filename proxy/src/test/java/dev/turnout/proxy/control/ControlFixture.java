package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.request.AnyRequest;
import dev.turnout.proxy.routing.NameLookups;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Thread-safe. A control plane over backends without sockets and a disk in memory. */
final class ControlFixture implements AutoCloseable {

    static final Change TO_GREEN = new Change.SwitchTo(Optional.of(Colour.GREEN));
    static final Change TO_BLUE = new Change.SwitchTo(Optional.of(Colour.BLUE));
    static final Actor ACTOR = new Actor("ci", "127.0.0.1");
    private static final Path FILE = Path.of("/state/state.json");

    final MemoryDisk disk;
    final SteppedClock clock;
    final Switchboard board;
    final ControlPlane plane;

    /** What in-flight requests were told, as {@code "blue idle"} or {@code "blue all"}. */
    final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

    /** What observers were told, as {@code "green switch"}. */
    final Evidence evidence = new Evidence(1);

    final BlockingQueue<String> switches = new LinkedBlockingQueue<>();

    /** What an observer does, on the control thread. Written by the test, read by that thread. */
    volatile Runnable atSwitch = () -> {};

    /** Two backends for each colour: up if health is not probed, else down, as nobody probes them. */
    ControlFixture(HealthSettings.Kind health, MemoryDisk disk) {
        this(health, disk, new SteppedClock(), settings -> {});
    }

    private ControlFixture(
            HealthSettings.Kind health, MemoryDisk disk, SteppedClock clock, Consumer<SettingsBuilder> more) {
        this.disk = disk;
        this.clock = clock;
        SettingsBuilder builder = new SettingsBuilder()
                .blue("127.0.0.1:9101", "127.0.0.1:9102")
                .green("127.0.0.1:9201", "127.0.0.1:9202")
                .health(health)
                .stateFile(FILE);
        more.accept(builder);
        Settings settings = builder.build();
        StateStore store = new StateStore(FILE, disk);
        LoadedState loaded = store.load();
        board = new Switchboard(FirstTable.make(settings, loaded, 1, clock));
        plane = new ControlPlane(
                settings,
                board,
                store,
                loaded,
                (colour, idleOnly) -> closed.add(colour.label() + (idleOnly ? " idle" : " all")),
                List.of((to, kind) -> {
                    switches.add(to.label() + " " + kind);
                    atSwitch.run();
                }),
                evidence,
                new Mirror(clock),
                NameLookups.NONE,
                clock);
    }

    /** All backends are up, nothing was saved yet. */
    static ControlFixture start() {
        return new ControlFixture(HealthSettings.Kind.NONE, new MemoryDisk());
    }

    /** The same, with that setting. */
    static ControlFixture with(String key, Object value) {
        return new ControlFixture(
                HealthSettings.Kind.NONE, new MemoryDisk(), new SteppedClock(), settings -> settings.set(key, value));
    }

    /** The next process on the same disk. */
    ControlFixture restart() {
        return restart("");
    }

    /** The next process, with that version of blue in the configuration file. */
    ControlFixture restart(String version) {
        plane.close();
        return new ControlFixture(
                HealthSettings.Kind.NONE, disk, clock, settings -> settings.set("pools.blue.version", version));
    }

    ChangeResult make(Change change) throws Exception {
        return make(request(change));
    }

    ChangeResult make(ChangeRequest request) throws Exception {
        return get(plane.submit(request));
    }

    ChangeRefused refusal(ChangeRequest request) {
        AtomicReference<Throwable> cause = new AtomicReference<>();
        assertThatThrownBy(() -> make(request))
                .isInstanceOf(ExecutionException.class)
                .satisfies(e -> cause.set(e.getCause()));
        return (ChangeRefused) Objects.requireNonNull(cause.get());
    }

    /** A lease as a request gets it. */
    Lease lease() {
        RoutingTable table = board.current();
        AnyRequest request = new AnyRequest();
        return Objects.requireNonNull(
                Objects.requireNonNull(table.pool(table.active()).balancer().pick(request, null))
                        .tryLease());
    }

    boolean grantsLeases(Colour colour) {
        return pool(colour).members().stream()
                .noneMatch(member -> member.backend().isClosed());
    }

    Pool pool(Colour colour) {
        return board.current().pool(colour);
    }

    static ChangeRequest request(Change change) {
        return new ChangeRequest(change, OptionalLong.empty(), false, false, false, "release 2.4.1", ACTOR);
    }

    static ChangeRequest forced(Change change) {
        return new ChangeRequest(change, OptionalLong.empty(), false, true, false, "", ACTOR);
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        plane.close();
    }
}
