package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BalancerKind;
import dev.turnout.config.BalancerSettings;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.config.PoolSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsLoader;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.Pool.Member;
import dev.turnout.proxy.routing.PoolEdit;
import dev.turnout.proxy.routing.PoolNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
    void ofAnEditThatIsGivenUpOnlyWhatDiffersIsTold() {
        PoolSettings file = read("pools.blue { version = 1, backends = [ \"127.0.0.1:1\", \"app.internal:80\" ] }")
                .blue();
        List<Member> given = List.of(member(1));

        assertThat(PoolKeys.of(edited(file, "2", file.names(), given), file, true))
                .containsExactly("pools.blue.version");
        assertThat(PoolKeys.of(edited(file, "1", file.names(), List.of(member(1), member(2))), file, true))
                .containsExactly("pools.blue.backends");
        assertThat(PoolKeys.of(edited(file, "1", List.of(), given), file, true)).containsExactly("pools.blue.backends");
        assertThat(PoolKeys.of(edited(file, "2", List.of(), List.of()), file, true))
                .containsExactly("pools.blue.version", "pools.blue.backends");
        assertThat(PoolKeys.of(edited(file, "1", file.names(), given), file, true))
                .isEmpty();
        assertThat(PoolKeys.of(edited(file, "2", List.of(), List.of()), file, false))
                .isEmpty();
    }

    @Test
    void orderOfBackendsIsNoDifferenceToAnEdit() {
        PoolSettings file = read("pools.blue.backends = [ \"127.0.0.1:1\", \"127.0.0.1:2\" ]")
                .blue();

        assertThat(PoolKeys.of(edited(file, "", List.of(), List.of(member(2), member(1))), file, true))
                .isEmpty();
        PoolSettings swapped = read("pools.blue.backends = [ \"127.0.0.1:2\", \"127.0.0.1:1\" ]")
                .blue();
        assertThat(PoolKeys.of(edited(file, "", List.of(), List.of()), swapped, false))
                .containsExactly("pools.blue.backends");
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

    private static Pool edited(PoolSettings file, String version, List<NamedBackends> names, List<Member> members) {
        return new Pool(
                Colour.BLUE,
                file,
                BalancerSettings.of(BalancerKind.LEAST_REQUESTS),
                members,
                Optional.of(new PoolEdit(version, file.definition())),
                PoolNames.NONE.with(names));
    }

    private static Member member(int port) {
        return new Member(new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", port), 1), 1);
    }

    private Pool pool() {
        return new Pool(Colour.BLUE, read("").blue(), BalancerSettings.of(BalancerKind.LEAST_REQUESTS), List.of());
    }

    private Settings read(String text) {
        return SettingsLoader.parse("turnout { " + text + " }", folder).settings();
    }
}
