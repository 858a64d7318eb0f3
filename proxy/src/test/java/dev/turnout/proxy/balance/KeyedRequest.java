package dev.turnout.proxy.balance;

import dev.turnout.proxy.request.AnyRequest;
import dev.turnout.proxy.request.KeyHash;
import dev.turnout.proxy.request.RequestHead;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Immutable. A request whose key, of whatever kind, has that hash. */
record KeyedRequest(long hash) implements RequestHead {

    private static final AnyRequest REST = new AnyRequest();

    /** The request of the client of that number. */
    static KeyedRequest of(int client) {
        return new KeyedRequest(KeyHash.mixed(0x9e3779b97f4a7c15L * (client + 1)));
    }

    /** One that says nothing of itself. */
    static KeyedRequest withoutKey() {
        return new KeyedRequest(KeyHash.NONE);
    }

    @Override
    public long fieldHash(String name) {
        return hash;
    }

    @Override
    public long cookieHash(String name) {
        return hash;
    }

    @Override
    public long pathHash() {
        return hash;
    }

    @Override
    public long clientHash() {
        return hash;
    }

    @Override
    public String method() {
        return REST.method();
    }

    @Override
    public String host() {
        return REST.host();
    }

    @Override
    public String path() {
        return REST.path();
    }

    @Override
    public @Nullable String field(String name) {
        return REST.field(name);
    }

    @Override
    public @Nullable String cookie(String name) {
        return REST.cookie(name);
    }

    @Override
    public InetAddress clientAddress() {
        return REST.clientAddress();
    }
}
