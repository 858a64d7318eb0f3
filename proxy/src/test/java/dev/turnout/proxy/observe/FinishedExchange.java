package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import java.util.HashMap;
import java.util.Map;

/** What an observer is shown, set field by field. */
final class FinishedExchange implements ExchangeView {

    String routed = "normal";

    Colour colour = Colour.BLUE;
    BackendAddress backend = new BackendAddress("127.0.0.1", 9101);
    int status = 200;
    boolean proxyMade;
    String error;
    int attempts = 1;
    long startedAtMillis = 1_767_225_600_042L; // 2026-01-01T00:00:00.042Z
    long durationNanos = 1_234_567;
    long responseHeadNanos = 1_000_000;
    String method = "GET";
    String target = "/hello?x=1";
    final Map<String, String> fields = new HashMap<>(Map.of("user-agent", "curl/8", "referer", "http://a/b"));

    @Override
    public Colour colour() {
        return colour;
    }

    @Override
    public BackendAddress backend() {
        return backend;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public boolean isProxyMade() {
        return proxyMade;
    }

    @Override
    public String error() {
        return error;
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public long revision() {
        return 7;
    }

    @Override
    public long startedAtMillis() {
        return startedAtMillis;
    }

    @Override
    public long durationNanos() {
        return durationNanos;
    }

    @Override
    public long responseHeadNanos() {
        return responseHeadNanos;
    }

    @Override
    public long requestNanos() {
        return 200_000;
    }

    @Override
    public long connectNanos() {
        return 0;
    }

    @Override
    public long responseNanos() {
        return responseHeadNanos < 0 ? -1 : 34_567;
    }

    @Override
    public long requestBytes() {
        return 12;
    }

    @Override
    public long responseBytes() {
        return 3456;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public String host() {
        return "shop.example";
    }

    @Override
    public String requestId() {
        return "r-1";
    }

    @Override
    public String requestField(String name) {
        return fields.get(name);
    }

    @Override
    public String client() {
        return "192.0.2.7";
    }

    @Override
    public String protocol() {
        return "HTTP/1.1";
    }

    @Override
    public String routed() {
        return routed;
    }
}
