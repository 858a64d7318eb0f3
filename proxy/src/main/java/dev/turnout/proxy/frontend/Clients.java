package dev.turnout.proxy.frontend;

import dev.turnout.config.LimitSettings;
import java.net.InetAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Thread-safe. The client connections of all listeners: which are open, how many there may be, and whether they are to end. */
final class Clients {

    /**
     * Connections that were turned away and whose clients have not yet taken the answer, at most; where few connections are allowed,
     * an eighth of those. More are closed without patience.
     */
    static final int MOST_TURNED_AWAY = 256;

    /** What becomes of a connection that was accepted. */
    enum Admission {
        ADMITTED,
        TOO_MANY,
        TOO_MANY_OF_ADDRESS
    }

    private final int most;
    private final int mostOfAddress;
    private final int mostTurnedAway;
    private final Set<Http1Stage> open = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<InetAddress, Integer> ofAddress = new ConcurrentHashMap<>();
    private final AtomicInteger turnedAway = new AtomicInteger();
    /** Written by the thread that ends the process, read by every connection when it begins. */
    private volatile boolean ending;

    /** @param most connections at a time: the limit of the settings, or less if the system allows less */
    Clients(LimitSettings limits, int most) {
        this.most = most;
        this.mostTurnedAway = Math.min(MOST_TURNED_AWAY, 1 + most / 8);
        this.mostOfAddress = limits.connectionsPerAddress();
    }

    /** Counts a connection in, unless there are too many; whatever the result, {@link #leave} follows. */
    Admission admit(Http1Stage stage, InetAddress address, boolean trusted) {
        if (open.size() >= most) {
            turnedAway.incrementAndGet();
            return Admission.TOO_MANY;
        }
        if (isCounted(trusted) && ofAddress.merge(address, 1, Integer::sum) > mostOfAddress) {
            forget(address);
            turnedAway.incrementAndGet();
            return Admission.TOO_MANY_OF_ADDRESS;
        }
        open.add(stage);
        return Admission.ADMITTED;
    }

    /** Counts a connection out. */
    void leave(Http1Stage stage, InetAddress address, boolean trusted) {
        if (!open.remove(stage)) {
            turnedAway.decrementAndGet();
        } else if (isCounted(trusted)) {
            forget(address);
        }
    }

    /** Whether so many wait to be told that there are too many that another one is not worth its descriptor. */
    boolean isFlooded() {
        return turnedAway.get() > mostTurnedAway;
    }

    /** The connections open at this moment, without those that were turned away. */
    Set<Http1Stage> open() {
        return open;
    }

    /** From now on every answer is the last of its connection. */
    void announceEnd() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    private boolean isCounted(boolean trusted) {
        return mostOfAddress > 0 && !trusted;
    }

    private void forget(InetAddress address) {
        ofAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
}
