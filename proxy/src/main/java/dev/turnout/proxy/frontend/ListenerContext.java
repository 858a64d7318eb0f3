package dev.turnout.proxy.frontend;

import dev.turnout.config.CidrBlock;
import dev.turnout.config.ListenerSettings;
import dev.turnout.config.Settings;
import dev.turnout.proxy.exchange.ExchangeRules;
import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.HeadLimits;
import java.net.InetSocketAddress;
import java.util.List;

/** Thread-safe. What all client connections of one listener share: limits and timeouts. */
final class ListenerContext {

    /** Bytes set aside for the head of a request before it grows. */
    static final int HEAD_CAPACITY = 1024;

    /** How long what a client still sends is thrown away after its connection was answered for the last time. */
    static final long LINGER_NANOS = 2_000_000_000L;

    /** How often a client that has sent FIN, and waits for its answer, is looked after: it may be gone altogether. */
    static final long GONE_CHECK_NANOS = 1_000_000_000L;

    private final ExchangeRules rules;
    private final boolean preview;
    private final HeadLimits limits;
    private final List<CidrBlock> proxyProtocolFrom;
    private final Clients clients;
    private final RequestsInFlight inFlight;
    private final RateLimit rateLimit;
    private final int requestsPerConnection;
    private final long maxBody;
    private final int bodyRate;
    private final long requestHeadNanos;
    private final long keepAliveNanos;

    ListenerContext(ListenerSettings listener, Settings settings, ExchangeRules rules, SharedLimits shared) {
        this.proxyProtocolFrom = listener.proxyProtocolFrom();
        this.clients = shared.clients();
        this.inFlight = shared.inFlight();
        this.rateLimit = shared.rateLimit();
        this.requestsPerConnection = settings.limits().requestsPerConnection();
        this.maxBody = listener.maxBody();
        this.bodyRate = settings.limits().bodyRate();
        this.rules = rules;
        this.preview = listener.preview();
        this.limits = new HeadLimits(
                settings.limits().requestLine(),
                settings.limits().head(),
                settings.limits().fields());
        this.requestHeadNanos = settings.timeouts().requestHead().toNanos();
        this.keepAliveNanos = settings.timeouts().keepAlive().toNanos();
    }

    /** Whether connections to this listener may begin with a PROXY protocol header. */
    boolean knowsProxyProtocol() {
        return !proxyProtocolFrom.isEmpty();
    }

    /** Whether this peer begins each connection with one. */
    boolean sendsProxyHeader(InetSocketAddress peer) {
        return proxyProtocolFrom.stream().anyMatch(block -> block.contains(peer.getAddress()));
    }

    /** Whether all that comes here goes to the idle colour. */
    boolean isPreview() {
        return preview;
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

    Clients clients() {
        return clients;
    }

    RequestsInFlight inFlight() {
        return inFlight;
    }

    RateLimit rateLimit() {
        return rateLimit;
    }

    /** Bytes of a request body. */
    long maxBody() {
        return maxBody;
    }

    /** Bytes a second that a client has to send, or to take, when it is waited for. */
    int bodyRate() {
        return bodyRate;
    }

    /** Whether a connection that has brought so many requests is to end with the answer to the last of them. */
    boolean isLastRequest(int requests) {
        return requestsPerConnection > 0 && requests >= requestsPerConnection;
    }

    ClientPeer peerOf(InetSocketAddress client) {
        return rules.forwarded().peer(client.getAddress(), false);
    }
}
