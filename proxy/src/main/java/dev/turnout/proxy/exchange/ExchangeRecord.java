package dev.turnout.proxy.exchange;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.observe.ExchangeView;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.request.RequestHead;
import dev.turnout.proxy.routing.StickyTable;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. What is known of one exchange: filled by {@link Exchange} as it goes, read by balancers and
 * routing rules before, and by observers after.
 */
final class ExchangeRecord implements RequestHead, ExchangeView {

    private final Head request;
    private final ClientPeer peer;
    private final String protocol;
    private final long startedAt;

    @Nullable
    Backend lastBackend;

    /** Where it was routed to last, by the table that {@link #tableRevision} is of; null while it is routed nowhere. */
    @Nullable
    Colour routedTo;

    @Nullable
    ProxyError failedWith;

    Routed routed = Routed.NORMAL;
    boolean proxyMade;
    int statusSent;
    int lastStatus;
    int attemptsMade;
    long tableRevision;
    long attemptAt;
    long requestEndedAt = -1;
    long sentAt = -1;
    long responseHeadAt = -1;
    long endedAt;
    /** How long it waited for the end of holds, and for room in a pool. */
    long waitedNanos;

    long bytesIn;
    long bytesOut;

    ExchangeRecord(Head request, ClientPeer peer, String protocol, long startedAt) {
        this.request = request;
        this.peer = peer;
        this.protocol = protocol;
        this.startedAt = startedAt;
    }

    @Override
    public @Nullable Colour colour() {
        return routedTo;
    }

    @Override
    public @Nullable BackendAddress backend() {
        return lastBackend == null ? null : lastBackend.address();
    }

    @Override
    public int status() {
        return statusSent;
    }

    @Override
    public boolean isProxyMade() {
        return proxyMade;
    }

    @Override
    public @Nullable String error() {
        return failedWith == null ? null : failedWith.label();
    }

    @Override
    public String routed() {
        return routed.label();
    }

    @Override
    public int attempts() {
        return attemptsMade;
    }

    @Override
    public long revision() {
        return tableRevision;
    }

    @Override
    public long startedAtMillis() {
        return System.currentTimeMillis() - (System.nanoTime() - startedAt) / 1_000_000;
    }

    /** When the request began, in nanoseconds of {@link System#nanoTime}. */
    long startedAtNanos() {
        return startedAt;
    }

    @Override
    public long durationNanos() {
        return endedAt - startedAt;
    }

    @Override
    public long responseHeadNanos() {
        return responseHeadAt < 0 ? -1 : responseHeadAt - attemptAt;
    }

    @Override
    public long requestNanos() {
        return requestEndedAt < 0 ? -1 : requestEndedAt - startedAt;
    }

    @Override
    public long connectNanos() {
        return sentAt < 0 ? -1 : sentAt - attemptAt;
    }

    @Override
    public long responseNanos() {
        return responseHeadAt < 0 ? -1 : endedAt - responseHeadAt;
    }

    @Override
    public long requestBytes() {
        return bytesIn;
    }

    @Override
    public long responseBytes() {
        return bytesOut;
    }

    @Override
    public String method() {
        return request.methodText();
    }

    @Override
    public String target() {
        return request.targetText();
    }

    @Override
    public String path() {
        String target = request.targetText();
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    @Override
    public String host() {
        String host = request.value(FieldName.HOST);
        if (host == null) {
            return "";
        }
        int colon = host.lastIndexOf(':');
        boolean hasPort = colon > host.lastIndexOf(']');
        return (hasPort ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    }

    @Override
    public @Nullable String field(String name) {
        return request.field(name);
    }

    @Override
    public @Nullable String requestField(String name) {
        return request.field(name);
    }

    @Override
    public @Nullable String cookie(String name) {
        return Cookies.find(request, name);
    }

    @Override
    public String requestId() {
        String id = request.value(FieldName.X_REQUEST_ID);
        return id == null ? "" : id;
    }

    @Override
    public InetAddress clientAddress() {
        return peer.inetAddress();
    }

    @Override
    public long fieldHash(String name) {
        return request.fieldHash(name);
    }

    /** The backend that a cookie of it names; null if none does. */
    @Nullable
    Backend named(StickyTable table) {
        return Cookies.named(request, table);
    }

    @Override
    public long cookieHash(String name) {
        return Cookies.hash(request, name);
    }

    @Override
    public long pathHash() {
        return request.pathHash();
    }

    @Override
    public long clientHash() {
        return peer.hash();
    }

    @Override
    public String client() {
        return NetUtil.toAddressString(peer.inetAddress());
    }

    @Override
    public String protocol() {
        return protocol;
    }
}
