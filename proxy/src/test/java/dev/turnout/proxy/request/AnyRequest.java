package dev.turnout.proxy.request;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Immutable. A request for tests in which it does not matter. */
public record AnyRequest() implements RequestHead {

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String host() {
        return "example.org";
    }

    @Override
    public String path() {
        return "/";
    }

    @Override
    public @Nullable String field(String name) {
        return null;
    }

    @Override
    public @Nullable String cookie(String name) {
        return null;
    }

    @Override
    public InetAddress clientAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public long fieldHash(String name) {
        return KeyHash.NONE;
    }

    @Override
    public long cookieHash(String name) {
        return KeyHash.NONE;
    }

    @Override
    public long pathHash() {
        return KeyHash.of(path());
    }

    @Override
    public long clientHash() {
        return KeyHash.of(clientAddress());
    }
}
