package dev.turnout.proxy.backend;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendLimits;
import dev.turnout.config.Colour;
import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.observe.BackendView;
import dev.turnout.proxy.observe.StripedCounters;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe. One server of one colour. The object lives as long as the backend is in any routing table: leases, health
 * and counters are carried over from table to table. Equality is identity.
 */
public final class Backend implements BackendView {

    private final Colour colour;
    private final BackendAddress address;
    private final ProxyProtocol proxyProtocol;
    private static final List<FailureKind> LOCAL =
            List.of(FailureKind.CONNECT, FailureKind.BROKEN, FailureKind.TIMEOUT);
    /** Cells that no class of answers has. */
    private static final int JUDGED = 0;

    private static final int CUT = CODE_CLASSES + 1;

    private final LeaseCounter leases;
    private final StripedCounters responses;
    private final ConnectionSlots connections = new ConnectionSlots();

    /** Who waits for room in the pool; null while there is no limit. Written by the control thread. */
    private volatile @Nullable PendingQueue pending;

    private final FailureCounter failures = new FailureCounter();

    /** Null until a balancer asks; written by whoever makes balancers, read by event loops. */
    private final AtomicReference<@Nullable LatencyGauge> latency = new AtomicReference<>();

    private final InetSocketAddress socketAddress;
    private final String authority;

    /** Written by the health monitor, read by the control thread when it makes candidates, and by status. */
    private volatile HealthView health = HealthView.UNKNOWN;

    /** When it came up, or its ejection ended. Written by the health monitor, before what tells that it did. */
    private volatile long upSince = System.nanoTime();

    /** Null unless it is ejected. Written by the health monitor, read as the health is. */
    private volatile @Nullable Ejection ejection;

    /** Set by event loops that saw it fail too often in a row, cleared by the health monitor; read at each pick. */
    private volatile boolean suspect;

    /** Written by the health monitor, read by metrics. */
    private final AtomicLong ejections = new AtomicLong();

    /** By the health monitor. */
    private final AtomicLong ejectionOverflows = new AtomicLong();

    /**
     * Until when idle connections are kept although no leases are granted, by {@link System#nanoTime}. Written by whoever warms
     * it up, read by event loops.
     */
    private volatile long warmUntil = System.nanoTime();

    /** Set by the health monitor, read by event loops when something failed. */
    private volatile @Nullable FailureListener failureListener;

    /**
     * A backend that grants no leases until {@link #open}.
     *
     * @param stripes event loops that will count answers
     */
    public Backend(Colour colour, BackendAddress address, int stripes) {
        this(colour, address, address.toString(), ProxyProtocol.OFF, stripes);
    }

    /**
     * The same, with what connections to it begin with.
     *
     * @param authority host and port by which it is known, which is what a probe says in its Host field
     */
    public Backend(Colour colour, BackendAddress address, String authority, ProxyProtocol proxyProtocol, int stripes) {
        this.colour = colour;
        this.proxyProtocol = proxyProtocol;
        this.address = address;
        this.authority = authority;
        this.socketAddress = address.toSocketAddress();
        this.leases = new LeaseCounter();
        // The cell of a class is its number.
        this.responses = new StripedCounters(stripes, CUT + 1);
    }

    @Override
    public Colour colour() {
        return colour;
    }

    @Override
    public BackendAddress address() {
        return address;
    }

    /** What each connection to it begins with. */
    public ProxyProtocol proxyProtocol() {
        return proxyProtocol;
    }

    /** Where to connect; unresolved if the zone of its address is none of this machine's. */
    public InetSocketAddress socketAddress() {
        return socketAddress;
    }

    /** Host and port by which it is known: its address, or what led to it. */
    public String authority() {
        return authority;
    }

    /**
     * A lease, or null if this backend takes no new exchange: if it {@link #isClosed} read the routing table again, else it has
     * as many as it may.
     */
    public @Nullable Lease tryLease() {
        return leases.tryAcquire() ? new Lease(this) : null;
    }

    /** Whether {@link #tryLease} would have one at this moment. */
    public boolean hasRoom() {
        return leases.hasRoom();
    }

    /** How many leases it would have at this moment. */
    public int room() {
        return leases.room();
    }

    /** What it is asked to bear from now on, and who is told when there is room. */
    public void limit(BackendLimits limits, PendingQueue queue) {
        leases.limit(limits.leases());
        connections.limit(limits.connections());
        pending = limits.leases() == 0 ? null : queue;
    }

    /** The connections open to it. */
    public ConnectionSlots connectionSlots() {
        return connections;
    }

    @Override
    public long connections() {
        return connections.used();
    }

    /** Grants leases from now on. Before the table that routes here is published. */
    public void open() {
        leases.open();
    }

    /** Refuses leases from the return of this call on. After the table that does not was published. */
    public void close() {
        leases.close();
    }

    /** Whether new leases are refused. */
    public boolean isClosed() {
        return leases.isClosed();
    }

    /** Whether new leases are refused and none is held: true stays true until {@link #open}. */
    public boolean isDrained() {
        return leases.isDrained();
    }

    /** Has idle connections kept until then, whether leases are granted or not, by {@link System#nanoTime}. */
    public void keepConnectionsUntil(long nanos) {
        warmUntil = nanos;
    }

    /** Whether idle connections are of use: it grants leases, or is warmed up. */
    public boolean keepsConnections(long now) {
        return !isClosed() || warmUntil - now > 0;
    }

    /** Exchanges under way, tunnels not among them. */
    public long exchanges() {
        return leases.exchanges();
    }

    /** Tunnels under way. */
    public long tunnels() {
        return leases.tunnels();
    }

    @Override
    public long inFlight() {
        return leases.total();
    }

    /** How slowly it answers; from the first such call on that is measured. */
    public LatencyGauge measureLatency() {
        latency.compareAndSet(null, new LatencyGauge());
        return Objects.requireNonNull(latency.get());
    }

    /** Where that is measured; null if nobody asks. */
    public @Nullable LatencyGauge latency() {
        return latency.get();
    }

    /** How long it has been up, and not ejected; of one that never was, since it was made. */
    public long upNanos(long now) {
        return now - upSince;
    }

    /** What the last probes said. */
    public HealthView health() {
        return health;
    }

    /**
     * Health monitor only.
     *
     * @param now by {@link System#nanoTime}
     */
    public void setHealth(HealthView health, long now) {
        if (health.up() && !this.health.up()) {
            upSince = now;
        }
        this.health = health;
    }

    @Override
    public boolean isUp() {
        return health.up();
    }

    /**
     * Counts an answer; only from the event loop that owns {@code stripe}.
     *
     * @param codeClass 1..5
     */
    public void countResponse(int stripe, int codeClass) {
        responses.increment(stripe, codeClass);
    }

    @Override
    public long responses(int codeClass) {
        return responses.sum(codeClass);
    }

    /** Counts one of the answers below 500 as failed behind its head; only from the event loop that owns {@code stripe}. */
    public void countCut(int stripe) {
        responses.increment(stripe, CUT);
    }

    /** Answers below 500 that failed behind their heads: they are among the answers, and among the failures. */
    public long cut() {
        return responses.sum(CUT);
    }

    /** Counts a first attempt that the judge of a release counts; only from the event loop that owns {@code stripe}. */
    public void countJudged(int stripe) {
        responses.increment(stripe, JUDGED);
    }

    /** First attempts that a judge was to count, since the process began. */
    public long judged() {
        return responses.sum(JUDGED);
    }

    /** Why it gets no requests for a while; null if it is not ejected. */
    public @Nullable Ejection ejection() {
        return ejection;
    }

    /**
     * Begins an ejection, or ends it, and its rows of failures with it. Health monitor only.
     *
     * @param now by {@link System#nanoTime}
     */
    public void setEjection(@Nullable Ejection next, long now) {
        failures.forgive();
        if (next == null) {
            upSince = now;
            suspect = false;
        } else {
            ejections.incrementAndGet();
        }
        this.ejection = next;
    }

    @Override
    public boolean isEjected() {
        return ejection != null;
    }

    /** Keeps requests away from it, where others could take them, from the return of this call until it is cleared. */
    public void suspect() {
        suspect = true;
    }

    /** It was not ejected after all, or is no candidate any more. Health monitor only. */
    public void clearSuspicion() {
        suspect = false;
    }

    /** Whether it failed so often in a row that it is about to be ejected: that takes a new table, and requests do not wait for one. */
    public boolean isSuspect() {
        return suspect;
    }

    /** Who hears of failures from now on. Health monitor only. */
    public void setFailureListener(FailureListener listener) {
        this.failureListener = listener;
    }

    /** Failures of that kind so far. */
    public long failures(FailureKind kind) {
        return failures.total(kind);
    }

    /** The kinds of failures have the order of their names there. */
    @Override
    public long localFailures(int kind) {
        return failures.total(LOCAL.get(kind));
    }

    @Override
    public long ejections() {
        return ejections.get();
    }

    /** It would have been ejected, but too many of its pool were. Health monitor only. */
    public void countEjectionOverflow() {
        ejectionOverflows.incrementAndGet();
    }

    @Override
    public long ejectionOverflows() {
        return ejectionOverflows.get();
    }

    /** A lease has ended. */
    void ended(Outcome outcome) {
        PendingQueue waiting = pending;
        if (waiting != null) {
            waiting.wakeOne();
        }
        failures.count(this, outcome, failureListener);
        LatencyGauge measured = latency.get();
        if (measured != null && outcome.isFailure()) {
            measured.failed(System.nanoTime());
        }
    }

    LeaseCounter leases() {
        return leases;
    }

    @Override
    public String toString() {
        return colour.label() + "/" + address;
    }
}
