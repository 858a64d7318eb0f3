package dev.turnout.proxy.routing;

import dev.turnout.config.BackendName;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.PoolSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.balance.Balancer;
import dev.turnout.proxy.balance.Balancers;
import dev.turnout.proxy.request.RequestHead;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Immutable, but for the backends, which live on from table to table. The backends of one colour and the balancer over
 * those of them that were up when this pool was made.
 */
public final class Pool {

    /** What a backend is there for. */
    public enum Duty {
        /** Takes requests, if it is up and its pool does. */
        SERVING,
        /** Takes none by order, and stays. */
        DRAINED,
        /** Takes none, and is gone when nothing is in flight. */
        LEAVING
    }

    /**
     * Immutable. One backend of a pool.
     *
     * @param weight 0..100; 0 takes no traffic
     * @param name that led to it; empty if its address was given
     * @param priority of those that name led to; the lowest that is usable gets the requests
     */
    public record Member(Backend backend, int weight, Duty duty, Optional<BackendName> name, int priority) {

        /** One whose address was given. */
        public Member(Backend backend, int weight, Duty duty) {
            this(backend, weight, duty, Optional.empty(), 0);
        }

        /** One that serves. */
        public Member(Backend backend, int weight) {
            this(backend, weight, Duty.SERVING);
        }

        /** The same with another duty. */
        public Member on(Duty next) {
            return new Member(backend, weight, next, name, priority);
        }

        /** The same with another weight. */
        public Member withWeight(int next) {
            return new Member(backend, next, duty, name, priority);
        }

        public Member {
            Objects.requireNonNull(backend);
            Objects.requireNonNull(duty);
            Objects.requireNonNull(name);
            if (weight < 0 || weight > 100) {
                throw new IllegalArgumentException("weight: " + weight + " (expected: 0..100)");
            }
        }

        /** Whether it is to get requests while it is up. */
        public boolean isServing() {
            return weight > 0 && duty == Duty.SERVING;
        }
    }

    /** Between the version and the rest of a {@link #fingerprint}; neither addresses nor names have it. */
    public static final String VERSION_AT = " at ";

    private final Colour colour;
    private final PoolSettings settings;
    private final BalancerSettings balancing;
    private final List<Member> members;
    private final Optional<PoolEdit> edit;
    private final PoolNames names;
    private final LongSupplier ticker;
    private final Choice choice;
    private final @Nullable StickyTable sticky;
    private final boolean limited;
    private final Balancer balancer;

    /**
     * Immutable. Who is chosen among.
     *
     * @param slowStart them with their weights of that moment
     */
    private record Choice(
            List<Member> candidates, SlowStart slowStart, List<Member> usable, int wanted, boolean panic) {

        /** By the health of that moment. */
        static Choice of(List<Member> members, PoolSettings settings, long now) {
            List<Member> serving = members.stream().filter(Member::isServing).toList();
            List<Member> up =
                    serving.stream().filter(member -> member.backend().isUp()).toList();
            List<Member> fit =
                    up.stream().filter(member -> !member.backend().isEjected()).toList();
            // Ejections alone never empty a pool.
            List<Member> well = fit.isEmpty() ? up : fit;
            List<Member> first = Priorities.first(well);
            boolean panic = well.size() * 100L < (long) settings.outliers().panicThreshold() * serving.size();
            List<Member> candidates = panic ? serving : first;
            return new Choice(
                    candidates,
                    SlowStart.at(now, candidates, settings.slowStart()),
                    first,
                    Priorities.first(serving).size(),
                    panic);
        }
    }

    /** A pool whose candidates are chosen by the health of this moment; its members may differ from the settings. */
    public Pool(
            Colour colour,
            PoolSettings settings,
            BalancerSettings balancing,
            List<Member> members,
            Optional<PoolEdit> edit,
            PoolNames names) {
        this(colour, settings, balancing, members, edit, names, System::nanoTime);
    }

    /** @param ticker thread-safe; the time by which backends came up, nanoseconds */
    Pool(
            Colour colour,
            PoolSettings settings,
            BalancerSettings balancing,
            List<Member> members,
            Optional<PoolEdit> edit,
            PoolNames names,
            LongSupplier ticker) {
        this(
                colour,
                settings,
                balancing,
                List.copyOf(members),
                edit,
                names,
                ticker,
                Choice.of(members, settings, ticker.getAsLong()));
    }

    private Pool(
            Colour colour,
            PoolSettings settings,
            BalancerSettings balancing,
            List<Member> members,
            Optional<PoolEdit> edit,
            PoolNames names,
            LongSupplier ticker,
            Choice choice) {
        this.ticker = ticker;
        this.edit = Objects.requireNonNull(edit);
        this.names = Objects.requireNonNull(names);
        this.colour = Objects.requireNonNull(colour);
        this.settings = Objects.requireNonNull(settings);
        this.balancing = Objects.requireNonNull(balancing);
        this.members = members;
        this.choice = choice;
        this.limited = settings.limits().leases() > 0;
        this.sticky = settings.sticky()
                .map(cookie -> new StickyTable(
                        cookie,
                        choice.candidates().stream().map(Member::backend).toList()))
                .orElse(null);
        this.balancer = Balancers.create(balancing, choice.slowStart().candidates());
    }

    /** One as the configuration file says. */
    public Pool(Colour colour, PoolSettings settings, BalancerSettings balancing, List<Member> members) {
        this(colour, settings, balancing, members, Optional.empty(), PoolNames.NONE.with(settings.names()));
    }

    /** The same, without probes and ejections. */
    public Pool(Colour colour, String version, BalancerSettings balancing, List<Member> members) {
        this(colour, PoolSettings.unchecked(version), balancing, members);
    }

    /** The same, for a kind of balancer of which nothing more is to be said. */
    public Pool(Colour colour, String version, BalancerKind kind, List<Member> members) {
        this(colour, version, BalancerSettings.of(kind), members);
    }

    /** Which of the two pools this is. */
    public Colour colour() {
        return colour;
    }

    /** What the operator calls the release that runs here; may be empty. */
    public String version() {
        return edit.map(PoolEdit::version).orElse(settings.version());
    }

    /** All backends, whatever their health and duty. */
    public List<Member> members() {
        return members;
    }

    /** Version, and the addresses and names of which it is made, by which a pool is told from what it was at another time. */
    public String fingerprint() {
        Stream<String> given = members.stream()
                .filter(member -> member.name().isEmpty() && member.duty() != Duty.LEAVING)
                .map(member -> member.backend().address().toString());
        return Stream.concat(
                        given, names.wanted().stream().map(each -> each.name().toString()))
                .sorted()
                .collect(Collectors.joining(" ", version().isEmpty() ? "" : version() + VERSION_AT, ""));
    }

    /**
     * Backends that get requests: they were up, had a weight and were not ejected when this pool was made, or all were ejected;
     * those of a name alone that its records put first.
     */
    public int usable() {
        return choice.usable().size();
    }

    /** Those that {@link #usable} counts. */
    public List<Backend> usableBackends() {
        return choice.usable().stream().map(Member::backend).toList();
    }

    /** Their weight in all, whatever slow start leaves of it now. */
    public int usableWeight() {
        return choice.usable().stream().mapToInt(Member::weight).sum();
    }

    /** How many that would be if all were up. */
    public int wanted() {
        return choice.wanted();
    }

    /** Names that would bring more backends if they led anywhere, those not counted whose backends serve on. */
    public List<BackendName> missing() {
        return names.leadingNowhere().stream()
                .filter(name -> members.stream()
                        .noneMatch(member -> member.isServing() && member.name().equals(Optional.of(name))))
                .toList();
    }

    /** Whether some of its backends came up so short a while ago that they had not all of their weight. */
    public boolean isRamping() {
        return choice.slowStart().isUnderWay();
    }

    /** Percent of its weight that a backend has in its slow start; empty if that is over. */
    public OptionalInt slowStartPercent(Backend backend) {
        int tenths = SlowStart.tenths(backend.upNanos(ticker.getAsLong()), settings.slowStart());
        return tenths == 10 || !backend.isUp() ? OptionalInt.empty() : OptionalInt.of(tenths * 10);
    }

    /** Whether so few were usable that all that have a weight are used. */
    public boolean isInPanic() {
        return choice.panic();
    }

    /** What the configuration file says of it; version and backends of an edited pool are others. */
    public PoolSettings settings() {
        return settings;
    }

    /** How its backends are chosen. */
    public BalancerSettings balancing() {
        return balancing;
    }

    /** Its edit at run time; empty if it is as the configuration file says. */
    public Optional<PoolEdit> edit() {
        return edit;
    }

    /** The names by which its backends are found, and what they led to. */
    public PoolNames names() {
        return names;
    }

    /** The same pool with other members. */
    public Pool with(Optional<PoolEdit> nextEdit, List<Member> next) {
        return new Pool(colour, settings, balancing, next, nextEdit, names, ticker);
    }

    /** The same pool with other names, and other members. */
    public Pool with(PoolNames nextNames, List<Member> next) {
        return new Pool(colour, settings, balancing, next, edit, nextNames, ticker);
    }

    /** The same pool with other settings. */
    public Pool with(PoolSettings next) {
        return new Pool(colour, next, balancing, members, edit, names, ticker);
    }

    /** Picks among the backends that were usable when this pool was made; in panic among all. */
    public Balancer balancer() {
        return balancer;
    }

    /** The same pool with the candidates chosen anew by the health of this moment; this one if they are the same. */
    public Pool refreshed() {
        Choice now = Choice.of(members, settings, ticker.getAsLong());
        return now.equals(choice) ? this : new Pool(colour, settings, balancing, members, edit, names, ticker, now);
    }

    /**
     * A proposal of {@link #balancer}; one that is suspect is passed over where there is another one.
     *
     * @param tried a backend to avoid, because an attempt there just failed; picked only if there is no other
     * @return null if there are no candidates
     */
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        Backend picked = balancer.pick(request, tried);
        if (picked == null || !picked.isSuspect()) {
            return picked;
        }
        Backend other = firstOf(backend -> backend == tried || backend.isSuspect() ? null : backend);
        return other == null ? picked : other;
    }

    /** Whether users are to stay with it when it loses the traffic by a switch. */
    public boolean keepsUsers() {
        return sticky != null && settings.stickyAcrossSwitch();
    }

    /** Which cookie names which of its candidates; null if there is no such cookie. */
    public @Nullable StickyTable sticky() {
        return sticky;
    }

    /** A lease on any candidate but {@code tried}, for when the one that was picked has as many as it may; null if none has room. */
    public @Nullable Lease leaseOnAny(@Nullable Backend tried) {
        return firstOf(backend -> backend == tried ? null : backend.tryLease());
    }

    /** What the first candidate has, from any of them on; null if none has it. */
    private <T> @Nullable T firstOf(Function<Backend, @Nullable T> question) {
        List<Member> candidates = choice.candidates();
        int count = candidates.size();
        int begin = count == 0 ? 0 : ThreadLocalRandom.current().nextInt(count);
        for (int i = 0; i < count; i++) {
            T found = question.apply(candidates.get((begin + i) % count).backend());
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Whether any candidate could bear one more at this moment. */
    public boolean hasRoom() {
        return choice.candidates().stream().anyMatch(member -> member.backend().hasRoom());
    }

    /** Whether all candidates together could bear so many more at this moment. */
    public boolean hasRoomFor(int requests) {
        long room = 0;
        for (Member member : choice.candidates()) {
            room += member.backend().room();
            if (room >= requests) {
                return true;
            }
        }
        return false;
    }

    /** Whether its backends are asked to bear no more than so much, so that requests may have to wait. */
    public boolean isLimited() {
        return limited;
    }

    /** Tells all backends what they are asked to bear. */
    void limit(PendingQueue queue) {
        members.forEach(member -> member.backend().limit(settings.limits(), queue));
    }

    /** Lets all backends grant leases that serve. */
    void open() {
        for (Member member : members) {
            if (member.duty() == Duty.SERVING) {
                member.backend().open();
            }
        }
    }

    /** Refuses leases on backends that do not serve. */
    void closeOthers() {
        for (Member member : members) {
            if (member.duty() != Duty.SERVING) {
                member.backend().close();
            }
        }
    }

    /** Refuses leases on all backends from the return of this call on. */
    void close() {
        members.forEach(member -> member.backend().close());
    }

    /** Whether all backends refuse leases and none is held: true stays true until a table that routes here is published. */
    public boolean isDrained() {
        return members.stream().allMatch(member -> member.backend().isDrained());
    }

    /** Exchanges under way on all backends. */
    public long exchanges() {
        return members.stream()
                .mapToLong(member -> member.backend().exchanges())
                .sum();
    }

    /** Tunnels under way on all backends. */
    public long tunnels() {
        return members.stream().mapToLong(member -> member.backend().tunnels()).sum();
    }
}
