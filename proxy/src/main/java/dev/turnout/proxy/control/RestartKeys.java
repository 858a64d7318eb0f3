package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Immutable. Settings that a process keeps for life: what of a changed file takes a restart. Pure. */
final class RestartKeys {

    private static final Map<String, Function<Settings, Object>> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put("workers", Settings::workers);
        KEYS.put("transport", Settings::transport);
        KEYS.put("listeners", Settings::listeners);
        KEYS.put("admin", Settings::admin);
        KEYS.put("state.file", Settings::stateFile);
        KEYS.put("dns", Settings::dns);
        KEYS.put("timeouts", Settings::timeouts);
        KEYS.put("limits", Settings::limits);
        KEYS.put("rate-limit", Settings::rateLimit);
        KEYS.put("retries", Settings::retries);
        KEYS.put("trusted-proxies, forwarding-fields, traceparent or via", Settings::forwarding);
        KEYS.put("access-log", Settings::accessLog);
        KEYS.put("error-pages", Settings::errorPages);
        KEYS.put("switch-guard", Settings::switchGuard);
        KEYS.put("switch-gate", Settings::switchGate);
        KEYS.put("preview or asset-fallback", Settings::release);
        KEYS.put("webhooks", Settings::webhooks);
        KEYS.put("drain", Settings::drain);
    }

    private RestartKeys() {}

    /** How many there are, those of the pools not among them. */
    static int size() {
        return KEYS.size();
    }

    /** Keys that differ from what the process was started with. */
    static List<String> of(Settings started, Settings read) {
        List<String> differ = new ArrayList<>();
        KEYS.forEach((key, value) -> {
            if (!value.apply(started).equals(value.apply(read))) {
                differ.add(key);
            }
        });
        for (Colour colour : Colour.values()) {
            if (started.pool(colour).proxyProtocol() != read.pool(colour).proxyProtocol()) {
                differ.add("pools." + colour.label() + ".proxy-protocol");
            }
        }
        return differ;
    }
}
