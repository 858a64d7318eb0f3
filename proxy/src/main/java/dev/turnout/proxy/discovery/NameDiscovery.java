package dev.turnout.proxy.discovery;

import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.DnsSettings;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.NameLookups;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe: what changes is confined to one event loop of its own, apart from traffic. Looks the names of backends up that the
 * routing table has: one that appears in it is looked up, one that is gone is forgotten. While it has none, nobody is asked.
 */
public final class NameDiscovery implements NameLookups, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NameDiscovery.class);

    /** Thread-safe. Who is told what a name leads to. */
    public interface Listener {

        /** These are all, whether anything differs from the last time or not. Must not block. */
        void found(Colour colour, BackendName name, List<Found> found);
    }

    /** Immutable. A name of one of the pools. */
    private record Place(Colour colour, BackendName name) {}

    private final DnsSettings settings;
    private final Switchboard switchboard;
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("turnout-discovery", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final CompletableFuture<Void> firstRound = new CompletableFuture<>();

    /** Written by the event loop, read by status. */
    private final Map<Place, BackendSource> sources = new ConcurrentHashMap<>();

    private final Map<Colour, Map<BackendSource.Result, LongAdder>> counts = new EnumMap<>(Colour.class);
    private final Set<Place> awaited = new HashSet<>();

    /** Made for the first name. */
    private @Nullable DnsResolver resolver;

    /** Looks nothing up until {@link #start}. */
    public NameDiscovery(DnsSettings settings, Switchboard switchboard) {
        this.settings = settings;
        this.switchboard = switchboard;
        for (Colour colour : Colour.values()) {
            Map<BackendSource.Result, LongAdder> results = new EnumMap<>(BackendSource.Result.class);
            for (BackendSource.Result result : BackendSource.Result.values()) {
                results.put(result, new LongAdder());
            }
            counts.put(colour, results);
        }
    }

    /** Shows what came of the look-ups. */
    public void bindTo(MeterRegistry registry) {
        counts.forEach((colour, results) -> {
            results.forEach((result, count) -> FunctionCounter.builder("turnout.name.lookups", count, LongAdder::sum)
                    .description("Look-ups of names of backends, by what came of them.")
                    .tag("colour", colour.label())
                    .tag("result", result.name().toLowerCase(Locale.ROOT))
                    .register(registry));
            Gauge.builder("turnout.names.failing", this, discovery -> discovery.failing(colour))
                    .description("Names of backends whose last look-up had no answer that could be used.")
                    .tag("colour", colour.label())
                    .register(registry);
        });
    }

    private long failing(Colour colour) {
        return sources.entrySet().stream()
                .filter(each -> each.getKey().colour() == colour)
                .filter(each ->
                        each.getValue().lookup().flatMap(Lookup::problem).isPresent())
                .count();
    }

    /**
     * Begins to look. To be called once.
     *
     * @param listener called on the event loop of this
     * @return completes when each name of the table in force was looked up once, and the listener told
     */
    public CompletionStage<Void> start(Listener listener) {
        loop.execute(() -> {
            follow(listener);
            if (sources.isEmpty()) {
                firstRound.complete(null);
            }
        });
        switchboard.follow(() -> {
            try {
                loop.execute(() -> follow(listener));
            } catch (RejectedExecutionException e) {
                log.debug("the table changed while shutting down");
            }
        });
        return firstRound;
    }

    @Override
    public Optional<Lookup> lookup(Colour colour, BackendName name) {
        BackendSource source = sources.get(new Place(colour, name));
        return source == null ? Optional.empty() : source.lookup();
    }

    private void follow(Listener listener) {
        RoutingTable table = switchboard.current();
        Set<Place> present = new HashSet<>();
        for (Colour colour : Colour.values()) {
            for (NamedBackends each : table.pool(colour).names().wanted()) {
                present.add(new Place(colour, each.name()));
            }
        }
        sources.forEach((place, source) -> {
            if (!present.contains(place)) {
                source.close();
                sources.remove(place);
                over(place);
            }
        });
        for (Place place : present) {
            if (!sources.containsKey(place)) {
                boolean leads =
                        !table.pool(place.colour()).names().of(place.name()).isEmpty();
                BackendSource source = new DnsSource(
                        place.name(), leads, settings, resolver(), loop, Clock.systemUTC(), System::nanoTime);
                sources.put(place, source);
                awaited.add(place);
                source.start(told(place, listener));
            }
        }
    }

    private BackendSource.Listener told(Place place, Listener listener) {
        return new BackendSource.Listener() {
            @Override
            public void found(List<Found> all) {
                listener.found(place.colour(), place.name(), all);
            }

            @Override
            public void looked(BackendSource.Result result) {
                Objects.requireNonNull(Objects.requireNonNull(counts.get(place.colour()))
                                .get(result))
                        .increment();
                over(place);
            }
        };
    }

    private void over(Place place) {
        if (awaited.remove(place) && awaited.isEmpty()) {
            firstRound.complete(null);
        }
    }

    private DnsResolver resolver() {
        DnsResolver made = resolver;
        if (made == null) {
            made = new DnsResolver(settings, loop, DnsResolver.Files.OF_SYSTEM);
            resolver = made;
        }
        return made;
    }

    /** Ends all look-ups; what was found stays as it is. */
    @Override
    public void close() {
        if (!loop.isShuttingDown()) {
            loop.execute(() -> {
                sources.values().forEach(BackendSource::close);
                if (resolver != null) {
                    resolver.close();
                }
            });
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
