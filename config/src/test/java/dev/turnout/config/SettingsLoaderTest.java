package dev.turnout.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.HealthSettings.Kind;
import dev.turnout.config.HealthSettings.StatusRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsLoaderTest {

    @TempDir
    Path base;

    @Test
    void relativePathsStartAtTheFolderOfTheFile() throws IOException {
        Path file = Files.writeString(base.resolve("turnout.conf"), """
                turnout {
                  admin { bind = "0.0.0.0:8081", token-file = "./secret/../tokens" }
                  state.file = /var/lib/turnout/state.json
                  access-log.file = logs/access.log
                }
                """);
        Files.createFile(base.resolve("tokens"));

        Settings settings = SettingsLoader.load(file).settings();

        assertThat(settings.admin().tokenFile()).contains(base.resolve("tokens"));
        assertThat(settings.stateFile()).isEqualTo(Path.of("/var/lib/turnout/state.json"));
        assertThat(settings.accessLog().file()).contains(base.resolve("logs/access.log"));
    }

    @Test
    void everyValueCanBeSet() {
        Settings settings = settings("""
                turnout {
                  workers = 3
                  transport = io_uring
                  listeners = [ { bind = "[::]:80" }, { bind = "127.0.0.1:0" } ]
                  active = green
                  balancer = round-robin
                  hash { on = cookie, name = session, table-size = 4099 }
                  switch-guard = 0s
                  pools {
                    blue { version = 1.10, backends = [ "a:1", { address = "[::1]:2", weight = 7 } ] }
                    green { version = 1.5.0 }
                  }
                  trusted-proxies = [ "10.0.0.0/8" ]
                  via = on
                  limits.direct-memory = 1GiB
                  access-log { enabled = true, format = combined }
                }
                """);

        assertThat(settings.workers()).isEqualTo(3);
        assertThat(settings.transport()).isEqualTo(Transport.IO_URING);
        assertThat(settings.listeners()).extracting(l -> l.bind().toString()).containsExactly("[::]:80", "127.0.0.1:0");
        assertThat(settings.active()).isEqualTo(Colour.GREEN);
        assertThat(settings.balancer())
                .isEqualTo(new BalancerSettings(
                        BalancerKind.ROUND_ROBIN, new HashSettings(HashSettings.Key.COOKIE, "session", 4099)));
        assertThat(settings.switchGuard()).isZero();
        assertThat(settings.blue().version()).isEqualTo("1.10");
        assertThat(settings.blue().backends()).containsExactly(new BackendSettings(new BackendAddress("::1", 2), 7));
        assertThat(settings.blue().names()).containsExactly(new NamedBackends(new BackendName("a", 1), 1));
        assertThat(settings.green().version()).isEqualTo("1.5.0");
        assertThat(settings.forwarding().trustedProxies()).containsExactly(CidrBlock.parse("10.0.0.0/8"));
        assertThat(settings.forwarding().via()).isTrue();
        assertThat(settings.limits().directMemory()).isEqualTo(1L << 30);
        assertThat(settings.accessLog().enabled()).isTrue();
        assertThat(settings.accessLog().format()).isEqualTo(AccessLogSettings.Format.COMBINED);
    }

    @Test
    void healthOfAPoolFallsBackKeyByKey() {
        Settings settings = settings("""
                turnout {
                  health { kind = http, path = /ready, rise = 5, headers = [ "Authorization: Bearer a b" ], expected-status = [ 204, "300-302" ] }
                  pools.green.health { path = /other, interval = 9s }
                }
                """);

        HealthSettings blue = settings.blue().health();
        HealthSettings green = settings.green().health();
        assertThat(blue.http().path()).isEqualTo("/ready");
        assertThat(blue.interval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(green.kind()).isEqualTo(Kind.HTTP);
        assertThat(green.http().path()).isEqualTo("/other");
        assertThat(green.interval()).isEqualTo(Duration.ofSeconds(9));
        assertThat(green.rise()).isEqualTo(5);
        assertThat(green.http().headers()).containsExactly("Authorization: Bearer a b");
        assertThat(green.http().expectedStatus()).containsExactly(new StatusRange(204, 204), new StatusRange(300, 302));
    }

    @Test
    void environmentIsSubstitutedWhereItIsSet() {
        Settings settings = settings("""
                turnout.access-log.file = ${?PATH}
                turnout.workers = 2
                turnout.workers = ${?NO_SUCH_THING_IS_SET}
                """);

        assertThat(settings.accessLog().file())
                .contains(base.resolve(System.getenv("PATH")).normalize());
        assertThat(settings.workers()).isEqualTo(2);
    }

    @Test
    void numbersAndFlagsMayBeStringsAsTheEnvironmentGivesThem() {
        Settings settings = settings("turnout { workers = \"8\", via = \"on\", limits.head = \"16KiB\" }");

        assertThat(settings.workers()).isEqualTo(8);
        assertThat(settings.forwarding().via()).isTrue();
        assertThat(settings.limits().head()).isEqualTo(16384);
    }

    @Test
    void settingsCanBeBuiltInCode() {
        SettingsBuilder builder = new SettingsBuilder()
                .listener("127.0.0.1:0")
                .admin("127.0.0.1:0")
                .blue("127.0.0.1:9101", "127.0.0.1:9102")
                .green("127.0.0.1:9201")
                .active(Colour.GREEN)
                .health(Kind.NONE)
                .stateFile(base.resolve("state.json"))
                .timeout("response-head", Duration.ofMillis(200))
                .set("workers", 1)
                .set("limits.fields", 20);

        Settings settings = builder.build();

        assertThat(settings.listeners())
                .extracting(ListenerSettings::bind)
                .containsExactly(new SocketBind("127.0.0.1", 0));
        assertThat(settings.blue().backends()).hasSize(2);
        assertThat(settings.pool(Colour.GREEN).backends()).hasSize(1);
        assertThat(settings.blue().health().kind()).isEqualTo(Kind.NONE);
        assertThat(settings.stateFile()).isEqualTo(base.resolve("state.json"));
        assertThat(settings.timeouts().responseHead()).isEqualTo(Duration.ofMillis(200));
        assertThat(settings.timeouts().connect()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.limits().fields()).isEqualTo(20);
        assertThatThrownBy(() -> builder.timeout("idel", Duration.ofSeconds(1)).build())
                .isInstanceOf(SettingsException.class)
                .hasMessage("settings in code: turnout.timeouts.idel: unknown key, did you mean idle?");
    }

    private Settings settings(String hocon) {
        return SettingsLoader.parse(hocon, base).settings();
    }
}
