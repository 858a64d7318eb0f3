package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsLoader;
import dev.turnout.proxy.routing.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolKeysTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            pools.blue.version = x                       | version
            pools.blue.backends = [ "127.0.0.1:1" ]      | backends
            pools.blue.backends = [ "app.internal:80" ]  | backends
            health.interval = 1s                         | health
            outlier-detection.local-errors = 1           | outlier-detection
            backend-limits.pending = 1                   | backend-limits
            sticky { enabled = on, secret-file = secret } | sticky
            pools.blue.sticky-across-switch = on         | sticky-across-switch
            slow-start = 1s                              | slow-start
            """)
    void whatDiffersIsToldByItsKey(String text, String key) throws IOException {
        Files.writeString(folder.resolve("secret"), "0123456789abcdef");

        assertThat(PoolKeys.of(pool(), read(text).blue(), false)).containsExactly("pools.blue." + key);
        assertThat(PoolKeys.of(pool(), read("").blue(), false)).isEmpty();
    }

    @Test
    void backendsDifferWhereAnEditIsGivenUp() {
        assertThat(PoolKeys.of(pool(), read("").blue(), true)).containsExactly("pools.blue.backends");
    }

    @Test
    void balancerAndHashAreTwoKeys() {
        BalancerSettings standing = read("").balancer();

        assertThat(PoolKeys.of(standing, standing)).isEmpty();
        assertThat(PoolKeys.of(standing, read("balancer = random").balancer())).containsExactly("balancer");
        assertThat(PoolKeys.of(standing, read("hash.on = path").balancer())).containsExactly("hash");
    }

    /** Whoever adds something to a pool has to say by which key it is told; how connections begin takes a restart. */
    @Test
    void everythingOfAPoolHasItsKey() {
        assertThat(PoolKeys.size()).isEqualTo(PoolSettings.class.getRecordComponents().length - 1);
    }

    private Pool pool() {
        return new Pool(Colour.BLUE, read("").blue(), BalancerSettings.of(BalancerKind.LEAST_REQUESTS), List.of());
    }

    private Settings read(String text) {
        return SettingsLoader.parse("turnout { " + text + " }", folder).settings();
    }
}
