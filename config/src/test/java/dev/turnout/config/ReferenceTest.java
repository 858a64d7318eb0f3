package dev.turnout.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.turnout.config.AccessLogSettings.Format;
import dev.turnout.config.DrainSettings.Handling;
import dev.turnout.config.ForwardingSettings.Fields;
import dev.turnout.config.ForwardingSettings.Traceparent;
import dev.turnout.config.HealthSettings.Kind;
import dev.turnout.config.HealthSettings.StatusRange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** reference.conf is the documentation: it says what is so, all of it, and nothing else. */
class ReferenceTest {

    /** Keys without a default stand in it as comments. */
    private static final Pattern WITHOUT_DEFAULT = Pattern.compile("(?m)^(\\s*)#(?=[a-z])");

    @TempDir
    Path base;

    private String reference;

    @BeforeEach
    void readReference() throws IOException {
        try (InputStream in = SettingsLoader.class.getResourceAsStream("/reference.conf")) {
            reference = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void defaultsAreWhatTheDocumentationSays() {
        LoadedSettings loaded = SettingsLoader.parse("", base);

        HealthSettings health = new HealthSettings(
                Kind.TCP,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                2,
                3,
                0,
                HttpProbeSettings.get("/", "", List.of(new StatusRange(200, 399))));
        PoolSettings empty = new PoolSettings(
                "",
                List.of(),
                List.of(),
                health,
                new OutlierSettings(
                        5,
                        0,
                        false,
                        5,
                        100,
                        190,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(5),
                        50,
                        0),
                new BackendLimits(0, 0, 1000, Duration.ofSeconds(1)),
                Optional.empty(),
                false,
                Duration.ZERO,
                ProxyProtocol.OFF,
                new WarmUpSettings(0, 0, List.of(), "", Duration.ofSeconds(10), WarmUpSettings.OnFailure.PROCEED));
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.settings())
                .isEqualTo(new Settings(
                        0,
                        Transport.AUTO,
                        List.of(new ListenerSettings(new SocketBind("0.0.0.0", 8080), 1L << 30, List.of(), false)),
                        new AdminSettings(new SocketBind("127.0.0.1", 8081), Optional.empty(), List.of()),
                        base.resolve("data/turnout-state.json"),
                        Colour.BLUE,
                        new BalancerSettings(
                                BalancerKind.LEAST_REQUESTS,
                                new HashSettings(HashSettings.Key.CLIENT_ADDRESS, "", 65_537)),
                        empty,
                        empty,
                        new DnsSettings(
                                List.of(),
                                DnsSettings.Family.IPV4_FIRST,
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(30),
                                DnsSettings.Absent.KEEP,
                                Duration.ofSeconds(30)),
                        new TimeoutSettings(
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(4),
                                Duration.ofHours(1),
                                Duration.ofMinutes(5),
                                Duration.ZERO,
                                Duration.ofSeconds(30)),
                        new LimitSettings(
                                8192, 32768, 200, 20000, 0, 10000, 20000, 1L << 30, 240, 256, 10_000, 268435456),
                        new RateLimitSettings(false, 100, 200),
                        new RetrySettings(3, 20, 64, Duration.ofSeconds(10), 65536, Set.of(), false),
                        new ForwardingSettings(List.of(), Fields.X_FORWARDED, Traceparent.PASS, true),
                        new AccessLogSettings(false, Format.JSON, Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        Duration.ofSeconds(5),
                        GateSettings.OPEN,
                        new ReleaseSettings(
                                new PreviewSettings(Optional.empty(), "X-Turnout-Preview", "turnout_preview"),
                                List.of()),
                        List.of(),
                        new DrainSettings(Handling.KEEP, Handling.KEEP, Handling.KEEP, 50, 20)));
    }

    @Test
    void everyKeyOfTheReferenceIsRead() throws IOException {
        Files.createFile(base.resolve("tokens"));
        Files.writeString(base.resolve("sticky.secret"), "0123456789abcdef");
        Files.createDirectory(base.resolve("error-pages"));

        LoadedSettings loaded = SettingsLoader.parse(allKeys(), base);

        assertThat(loaded.settings().admin().tokenFile()).contains(base.resolve("tokens"));
        assertThat(loaded.settings().accessLog().file()).contains(base.resolve("access.log"));
    }

    @Test
    void everyKeyThatIsReadIsInTheReference() throws IOException {
        Files.createFile(base.resolve("tokens"));
        Files.writeString(base.resolve("sticky.secret"), "0123456789abcdef");
        Files.createDirectory(base.resolve("error-pages"));
        Config config = ConfigFactory.parseString(allKeys());
        Findings findings = new Findings(config.root(), "", "");
        Set<String> documented = new TreeSet<>();
        collect("", config.root(), documented);

        new SettingsReader(findings, base).read(config.root());

        assertThat(findings.sections().stream().flatMap(section -> section.keysRead().stream()))
                .hasSizeGreaterThan(50)
                .map(key -> key.replaceAll(
                        "pools\\.(blue|green)\\.(health|outlier-detection|backend-limits|warm-up)\\.", "$2."))
                .map(key -> key.replaceAll("\\[\\d+]", "[]"))
                .allMatch(documented::contains, "is documented");
    }

    @Test
    void everyKeyOfTheReferenceIsInTheHandbookWithItsDefault() throws IOException {
        String handbook = Files.readString(Path.of("..", "docs", "configuration.md"));
        Config all = ConfigFactory.parseString(allKeys()).getConfig("turnout");
        Config defaults = ConfigFactory.parseString(reference).getConfig("turnout");
        Set<String> keys = new TreeSet<>();
        collect("", all.root(), keys);

        assertThat(keys)
                .filteredOn(key -> !key.contains("[]") && !(all.getValue(key) instanceof ConfigObject))
                .hasSizeGreaterThan(40)
                .allSatisfy(key -> assertThat(handbook).contains("| `" + key + "` | " + shown(defaults, key) + " | "));
    }

    private static String shown(Config defaults, String key) {
        return defaults.hasPath(key)
                ? "`" + defaults.getValue(key).render(ConfigRenderOptions.concise()) + "`"
                : "none";
    }

    @Test
    void everyKeyOfTheReferenceHasAComment() {
        List<String> lines = reference.lines().toList();

        for (int i = 1; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            boolean key = line.matches("#?[a-z-]+ = .*");
            boolean repeated =
                    lines.get(i).contains("version =") || lines.get(i).contains("backends =");
            if (key && !repeated) {
                assertThat(lines.get(i - 1).strip()).as("above " + line).startsWith("# ");
            }
        }
    }

    private String allKeys() {
        return WITHOUT_DEFAULT.matcher(reference).replaceAll("$1");
    }

    private static void collect(String path, ConfigValue value, Set<String> keys) {
        if (value instanceof ConfigObject object) {
            object.forEach((key, child) -> {
                String childPath = path.isEmpty() ? key : path + "." + key;
                keys.add(childPath);
                collect(childPath, child, keys);
            });
        } else if (value instanceof List<?> list) {
            list.forEach(element -> collect(path + "[]", (ConfigValue) element, keys));
        }
    }
}
