package dev.turnout.config;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Confined to one thread. Settings made in code instead of in a file. What is not set comes from reference.conf, and
 * everything passes the checks of {@link SettingsLoader}, so code and file cannot mean different things.
 */
public final class SettingsBuilder {

    private static final String SOURCE = "settings in code";

    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Nothing but defaults yet. */
    public SettingsBuilder() {}

    /** The one listener, {@code host:port}. */
    public SettingsBuilder listener(String bind) {
        return set("listeners", List.of(Map.of("bind", bind)));
    }

    /** Where the operator's side listens, {@code host:port}. */
    public SettingsBuilder admin(String bind) {
        return set("admin.bind", bind);
    }

    /** The backends of the blue pool, each {@code host:port} with weight 1. */
    public SettingsBuilder blue(String... backends) {
        return set("pools.blue.backends", List.of(backends));
    }

    /** The backends of the green pool, each {@code host:port} with weight 1. */
    public SettingsBuilder green(String... backends) {
        return set("pools.green.backends", List.of(backends));
    }

    /** The active colour of the very first start. */
    public SettingsBuilder active(Colour colour) {
        return set("active", colour.label());
    }

    /** How both pools are probed. */
    public SettingsBuilder health(HealthSettings.Kind kind) {
        return set("health.kind", kind.label());
    }

    /** Where the routing state survives a restart. */
    public SettingsBuilder stateFile(Path file) {
        return set("state.file", file.toAbsolutePath().toString());
    }

    /** One of the timeouts by its key, such as {@code response-head}. */
    public SettingsBuilder timeout(String key, Duration timeout) {
        return set("timeouts." + key, timeout);
    }

    /**
     * Any key of reference.conf.
     *
     * @param key its path below {@code turnout}, such as {@code limits.head}
     * @param value what would stand in the file: a string, number, boolean, list or map; or a Duration
     */
    public SettingsBuilder set(String key, Object value) {
        values.put("turnout." + key, value instanceof Duration duration ? duration.toNanos() + "ns" : value);
        return this;
    }

    /**
     * The settings; relative paths start at the working directory. The builder may be used again.
     *
     * @throws SettingsException when a key is unknown or a value is wrong
     */
    public Settings build() {
        Path base = Path.of("").toAbsolutePath();
        return SettingsLoader.load(() -> ConfigFactory.parseMap(values, SOURCE), SOURCE, SOURCE, base)
                .settings();
    }
}
