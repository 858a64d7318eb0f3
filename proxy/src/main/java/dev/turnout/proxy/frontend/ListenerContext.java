package dev.turnout.proxy.frontend;

import dev.turnout.config.Settings;
import dev.turnout.proxy.exchange.ExchangeRules;
import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.HeadLimits;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Thread-safe. What all client connections share: limits, timeouts, and the register of those that are open. */
final class ListenerContext {

    /** Bytes set aside for the head of a request before it grows. */
    static final int HEAD_CAPACITY = 1024;

    /** How long what a client still sends is thrown away after its connection was answered for the last time. */
    static final long LINGER_NANOS = 2_000_000_000L;

    /** How often a client that has sent FIN, and waits for its answer, is looked after: it may be gone altogether. */
    static final long GONE_CHECK_NANOS = 1_000_000_000L;

    private final ExchangeRules rules;
    private final HeadLimits limits;
    private final int maxConnections;
    private final long requestHeadNanos;
    private final long keepAliveNanos;
    private final Set<Http1Stage> open = ConcurrentHashMap.newKeySet();

    ListenerContext(Settings settings, ExchangeRules rules) {
        this.rules = rules;
        this.limits = new HeadLimits(
                settings.limits().requestLine(),
                settings.limits().head(),
                settings.limits().fields());
        this.maxConnections = settings.limits().connections();
        this.requestHeadNanos = settings.timeouts().requestHead().toNanos();
        this.keepAliveNanos = settings.timeouts().keepAlive().toNanos();
    }

    ExchangeRules rules() {
        return rules;
    }

    HeadLimits limits() {
        return limits;
    }

    long requestHeadNanos() {
        return requestHeadNanos;
    }

    long keepAliveNanos() {
        return keepAliveNanos;
    }

    /** Counts a connection in, unless there are too many. */
    boolean register(Http1Stage stage) {
        return open.size() < maxConnections && open.add(stage);
    }

    void unregister(Http1Stage stage) {
        open.remove(stage);
    }

    /** The connections open at this moment, without those that were turned away. */
    Set<Http1Stage> open() {
        return open;
    }

    ClientPeer peerOf(InetSocketAddress client) {
        return rules.forwarded().peer(client.getAddress(), false);
    }
}
