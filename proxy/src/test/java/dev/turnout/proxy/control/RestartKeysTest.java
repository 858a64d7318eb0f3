package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Settings;
import dev.turnout.config.SettingsLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestartKeysTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "workers = 3",
                "transport = nio",
                "listeners = [ { bind = \"127.0.0.1:1\" } ]",
                "admin.bind = \"127.0.0.1:1\"",
                "state.file = other",
                "dns.min-ttl = 2s",
                "timeouts.connect = 1s",
                "limits.fields = 11",
                "rate-limit.burst = 1",
                "retries.attempts = 1",
                "via = off",
                "access-log.enabled = on",
                "switch-guard = 1s",
                "switch-gate.min-healthy = 1",
                "asset-fallback = [ \"/a\" ]",
                "webhooks = [ { url = \"http://127.0.0.1/\" } ]",
                "drain.rate = 1",
                "pools.blue.proxy-protocol = v1"
            })
    void whatTakesARestartIsTold(String text) {
        String key = text.startsWith("pools") || text.startsWith("state")
                ? text.substring(0, text.indexOf(' '))
                : text.replaceFirst("[. ].*", "");

        assertThat(RestartKeys.of(read(""), read(text)))
                .singleElement()
                .asString()
                .contains(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pools.blue.backends = [ \"127.0.0.1:1\" ]",
                "pools.green.version = x",
                "health.interval = 1s",
                "outlier-detection.local-errors = 1",
                "balancer = random",
                "hash.on = path",
                "active = green"
            })
    void whatIsAppliedIsNot(String text) {
        assertThat(RestartKeys.of(read(""), read(text))).isEmpty();
    }

    /** Whoever adds a setting has to say on which side it is. */
    @Test
    void everySettingIsOnOneSide() {
        Set<String> applied = Set.of("active", "balancer", "blue", "green");
        long others = Arrays.stream(Settings.class.getRecordComponents())
                .filter(component -> !applied.contains(component.getName()))
                .count();

        assertThat(RestartKeys.size()).isEqualTo((int) others);
    }

    private static Settings read(String text) {
        return SettingsLoader.parse("turnout { " + text + " }", Path.of(".")).settings();
    }
}
