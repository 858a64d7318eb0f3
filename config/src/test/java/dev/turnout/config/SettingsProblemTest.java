package dev.turnout.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator reads when a configuration is wrong, to the letter. */
class SettingsProblemTest {

    @TempDir
    Path base;

    @Test
    void unknownKeyComesWithTheOneThatWasMeant() {
        assertThat(problems("""
                        turnout {
                          wrokers = 4
                          timeouts { backendKeepAlive = 3s }
                          pools.blue {
                            backends = [ { addres = "a:1", address = "a:1" } ]
                          }
                        }
                        trunout.workers = 2
                        """))
                .containsExactly(
                        "configuration:2: turnout.wrokers: unknown key, did you mean workers?",
                        "configuration:3: turnout.timeouts.backendKeepAlive:"
                                + " unknown key, did you mean backend-keep-alive?",
                        "configuration:5: turnout.pools.blue.backends[0].addres: unknown key, did you mean address?",
                        "configuration:8: trunout: unknown key, did you mean turnout?");
    }

    @Test
    void unknownKeyLikeNoOtherComesWithAllThereAre() {
        assertThat(problems("turnout.access-log.colour = red"))
                .containsExactly("configuration:1: turnout.access-log.colour: unknown key"
                        + " (expected: one of format, template, enabled, file)");
    }

    @Test
    void wrongTypeIsToldOnceAndReadingGoesOn() {
        assertThat(problems("""
                        turnout {
                          workers = many
                          timeouts = 5s
                          listeners = "0.0.0.0:80"
                          admin.bind = []
                          pools.blue.backends = [ 7, [] ]
                          access-log.enabled = perhaps
                          pools.green.health = http
                          limits.head = null
                        }
                        """))
                .containsExactly(
                        "configuration:2: turnout.workers: many (expected: 0..256)",
                        "configuration:3: turnout.timeouts: 5s (expected: an object { ... })",
                        "configuration:4: turnout.listeners: 0.0.0.0:80 (expected: a list [ ... ])",
                        "configuration:5: turnout.admin.bind: [...]"
                                + " (expected: host:port or [v6]:port, port in 0..65535)",
                        "configuration:6: turnout.pools.blue.backends[0]: 7"
                                + " (expected: host:port or [v6]:port, port in 1..65535, or the name of SRV records)",
                        "configuration:6: turnout.pools.blue.backends[1]: [...]"
                                + " (expected: host:port or [v6]:port, port in 1..65535, or the name of SRV records)",
                        "configuration:7: turnout.access-log.enabled: perhaps (expected: on or off)",
                        "configuration:8: turnout.pools.green.health: http (expected: an object { ... })",
                        "configuration:9: turnout.limits.head: null (expected: 1KiB..1MiB)");
    }

    @Test
    void turnoutItselfMustBeAnObject() {
        assertThat(problems("\nturnout = on"))
                .containsExactly("configuration:2: turnout: on (expected: an object { ... })");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "workers | -1 | 0..256",
                "workers | 257 | 0..256",
                "workers | 2.5 | 0..256",
                "workers | 99999999999999999999 | 0..256",
                "transport | kqueue | auto | io_uring | epoll | nio",
                "balancer | fastest | least-requests | round-robin | random | peak-ewma | hash",
                "hash.on | host | client-address | header | cookie | path",
                "hash.on | cookie | a name beside header and cookie",
                "hash.name | a b | the name of a field or cookie, or nothing",
                "hash.table-size | 100 | 101..1000003",
                "hash.table-size | 1000004 | 101..1000003",
                "hash.table-size | 65536 | a prime number, such as 4099 or 65537",
                "active | red | blue | green",
                "switch-guard | -1s | a duration with its unit in 0s..1d",
                "switch-guard | 25h | a duration with its unit in 0s..1d",
                "timeouts.connect | 0s | a duration with its unit in 1ms..1d",
                "timeouts.connect | 999us | a duration with its unit in 1ms..1d",
                "timeouts.request-head | 5 | a duration with its unit in 1ms..1d",
                "timeouts.response-head | soon | a duration with its unit in 1ms..1d",
                "timeouts.idle | 5 parsecs | a duration with its unit in 1ms..1d",
                "timeouts.keep-alive | 1d1s | a duration with its unit in 1ms..1d",
                "timeouts.backend-keep-alive | 2d | a duration with its unit in 1ms..1d",
                "timeouts.drain | 99999999999d | a duration with its unit in 1ms..1d",
                "timeouts.shutdown | -3s | a duration with its unit in 1ms..1d",
                "dns.family | ipv5 | ipv4-first | ipv6-first | ipv4 | ipv6 | all",
                "dns.timeout | 0s | a duration with its unit in 1ms..60s",
                "dns.min-ttl | 9ms | a duration with its unit in 10ms..1d",
                "dns.max-ttl | 500ms | at least the min-ttl",
                "dns.absent | forget | keep | drain",
                "health.kind | udp | tcp | http | none",
                "health.interval | 9ms | a duration with its unit in 10ms..1d",
                "health.rise | 0 | 1..100",
                "health.fall | 101 | 1..100",
                "health.path | health | / and visible ASCII",
                "limits.request-line | 255 | 256B..64KiB",
                "limits.request-line | 65537 | 256B..64KiB",
                "limits.head | 1023 | 1KiB..1MiB",
                "limits.head | 2MiB | 1KiB..1MiB",
                "limits.fields | 9 | 10..10000",
                "limits.fields | 10001 | 10..10000",
                "limits.connections | 0 | 1..1000000",
                "limits.connections | 1000001 | 1..1000000",
                "limits.backend-idle | -1 | 0..100000",
                "limits.backend-idle | 100001 | 0..100000",
                "limits.direct-memory | 15MiB | 16MiB..64GiB",
                "limits.direct-memory | 65GiB | 16MiB..64GiB",
                "limits.direct-memory | -5k | 16MiB..64GiB",
                "warm-up.connections | -1 | 0..1000",
                "warm-up.connections | 1001 | 0..1000",
                "warm-up.requests | 10001 | 0..10000",
                "warm-up.requests | -1 | 0..10000",
                "warm-up.requests | 5 | paths beside them, or 0",
                "warm-up.host | a b | a host name or host:port, or nothing",
                "warm-up.timeout | 9ms | a duration with its unit in 10ms..300s",
                "warm-up.timeout | 6m | a duration with its unit in 10ms..300s",
                "warm-up.timeout | 5 | a duration with its unit in 10ms..300s",
                "warm-up.on-failure | ignore | proceed | refuse",
                "access-log.format | xml | json | combined | template"
            })
    void valueOutOfRangeIsToldWithTheRange(String line) {
        String[] parts = line.split(" \\| ", 3);

        assertThat(problems("\n\nturnout." + parts[0] + " = " + parts[1]))
                .containsExactly(
                        "configuration:3: turnout." + parts[0] + ": " + parts[1] + " (expected: " + parts[2] + ")");
    }

    @Test
    void everyElementOfAListIsChecked() {
        assertThat(problems("""
                        turnout {
                          trusted-proxies = [
                            "10.0.0.0/8"
                            "10.0.0.0/40"
                            proxy.example.com
                          ]
                          health.expected-status = [ 204, "600", "300-200", "-1" ]
                          dns.servers = [ "10.0.0.53:53", "ns.example.com:53", "10.0.0.53" ]
                          admin.allowed-hosts = [ "ok.example.com", "a b" ]
                          listeners = [
                            { bind = "localhost:http" }
                            {}
                          ]
                        }
                        """))
                .containsExactly(
                        "configuration:4: turnout.trusted-proxies[1]: 10.0.0.0/40"
                                + " (expected: an IP address or address/prefix)",
                        "configuration:5: turnout.trusted-proxies[2]: proxy.example.com"
                                + " (expected: an IP address or address/prefix)",
                        "configuration:7: turnout.health.expected-status[1]: 600"
                                + " (expected: a status code or range in 100..599)",
                        "configuration:7: turnout.health.expected-status[2]: 300-200"
                                + " (expected: a status code or range in 100..599)",
                        "configuration:7: turnout.health.expected-status[3]: -1"
                                + " (expected: a status code or range in 100..599)",
                        "configuration:8: turnout.dns.servers[1]: ns.example.com:53"
                                + " (expected: address:port or [v6]:port of a name server)",
                        "configuration:8: turnout.dns.servers[2]: 10.0.0.53"
                                + " (expected: address:port or [v6]:port of a name server)",
                        "configuration:9: turnout.admin.allowed-hosts[1]: a b"
                                + " (expected: a host name or IP address, without port)",
                        "configuration:11: turnout.listeners[0].bind: localhost:http"
                                + " (expected: host:port or [v6]:port, port in 0..65535)",
                        "configuration:12: turnout.listeners[1].bind: missing (expected: a value)");
    }

    @Test
    void backendsAreCheckedOneByOne() {
        assertThat(problems("""
                        turnout.pools.blue.backends = [
                          "a:1"
                          { address = "a:2", weight = 101 }
                          { address = "A:1" }
                          { weight = 1 }
                          "a:99999"
                          "_http._tcp.a"
                          { address = "_http._tcp.b", weight = 2 }
                          "_http._TCP.a"
                        ]
                        """))
                .containsExactly(
                        "configuration:3: turnout.pools.blue.backends[1].weight: 101 (expected: 0..100)",
                        "configuration:4: turnout.pools.blue.backends[2].address: A:1 (expected: each address once in a pool)",
                        "configuration:5: turnout.pools.blue.backends[3].address: missing (expected: a value)",
                        "configuration:6: turnout.pools.blue.backends[4]: a:99999"
                                + " (expected: host:port or [v6]:port, port in 1..65535, or the name of SRV records)",
                        "configuration:8: turnout.pools.blue.backends[6].address: _http._tcp.b"
                                + " (expected: no weight beside the name of SRV records, which have their own)",
                        "configuration:9: turnout.pools.blue.backends[7]: _http._TCP.a (expected: each address once in a pool)");
    }

    @Test
    void thereMustBeAListenerAndNoneTwice() {
        assertThat(problems("turnout.listeners = []"))
                .containsExactly("configuration:1: turnout.listeners: [...] (expected: at least one listener)");
        assertThat(problems("turnout.listeners = [ { bind = \"a:1\" },\n { bind = \"a:1\" } ]"))
                .containsExactly("configuration:2: turnout.listeners[1].bind: a:1 (expected: each bind once)");
    }

    @Test
    void adminBeyondLoopbackNeedsTokens() {
        assertThat(problems("turnout {\n admin.bind = \"0.0.0.0:8081\"\n}"))
                .containsExactly("configuration:2: turnout.admin.bind: 0.0.0.0:8081"
                        + " (expected: a loopback address, or a token-file beside it)");
        assertThat(problems("turnout.admin {\n bind = \"0.0.0.0:8081\"\n token-file = none\n}"))
                .containsExactly("configuration:3: turnout.admin.token-file: none (expected: a file that can be read)");
    }

    @Test
    void listOfWrongElementsIsNotCalledEmptyToo() {
        assertThat(problems("turnout.health.expected-status = [ ok ]"))
                .containsExactly("configuration:1: turnout.health.expected-status[0]: ok"
                        + " (expected: a status code or range in 100..599)");
    }

    @Test
    void fieldsOfAProbeAreThoseOfAProbe() {
        for (String wrong :
                List.of("Host: a", "connection: close", "Content-Length: 1", "X", "X:1", "X: a\\r\\nY: b")) {
            assertThat(problems("turnout.health.headers = [ \"" + wrong + "\" ]"))
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .contains("turnout.health.headers[0]", "(expected: \"Name: value\"");
        }
        assertThat(problems("turnout.health {\n method = HEAD\n body-match = ok\n}"))
                .singleElement()
                .asString()
                .contains("turnout.health.body-match", "nothing with method HEAD");
    }

    @Test
    void limitsMustAgree() {
        assertThat(problems("turnout {\n limits.head = 4KiB\n}"))
                .containsExactly("configuration:2: turnout.limits.head: 4KiB"
                        + " (expected: a request-line of at most the head)");
        assertThat(problems("turnout.health {\n kind = http\n expected-status = []\n}"))
                .containsExactly(
                        "configuration:3: turnout.health.expected-status: [...] (expected: at least one status code)");
    }

    @Test
    void requestsOfAWarmUpNeedPathsInEachPool() {
        assertThat(problems("turnout {\n warm-up.requests = 5\n pools.blue.warm-up.paths = [ \"/a\" ]\n}"))
                .containsExactly("configuration:2: turnout.warm-up.requests: 5 (expected: paths beside them, or 0)");
        assertThat(problems("turnout {\n pools.green.warm-up {\n requests = 5\n }\n}"))
                .containsExactly("configuration:3: turnout.pools.green.warm-up.requests: 5"
                        + " (expected: paths beside them, or 0)");
        assertThat(SettingsLoader.parse(
                                "turnout { warm-up.requests = 5, pools { blue.warm-up.paths = [ \"/a\" ],"
                                        + " green.warm-up.requests = 0 } }",
                                base)
                        .settings()
                        .blue()
                        .warmUp()
                        .paths())
                .containsExactly("/a");
    }

    @Test
    void pathsOfAWarmUpAreTargets() {
        for (String wrong : List.of("a", "", "/a b", "/a#b", "/\u00e9")) {
            assertThat(problems("turnout.warm-up {\n requests = 1\n paths = [ \"" + wrong + "\" ]\n}"))
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .contains("turnout.warm-up.paths[0]", "(expected: / and visible ASCII without #)");
        }
    }

    @Test
    void warningsDoNotFail() {
        LoadedSettings loaded = SettingsLoader.parse("""
                turnout {
                  pools.blue.backends = [ "a:1" ]
                  pools.green {
                    backends = [ { address = "a:1", weight = 0 } ]
                    health.interval = 1s
                  }
                }
                """, base);

        assertThat(loaded.warnings().stream().map(Problem::toString))
                .containsExactly(
                        "configuration:4: warning: turnout.pools.green.backends[0].address: a:1"
                                + " (expected: an address that is not in the other pool too)",
                        "configuration:4: warning: turnout.pools.green.backends: [...]"
                                + " (expected: a backend with a weight above 0)",
                        "configuration:5: warning: turnout.pools.green.health.interval: 1s"
                                + " (expected: a timeout of at most the interval)");
        assertThat(loaded.settings().green().names()).hasSize(1);
    }

    @Test
    void whatMayBeACredentialIsNotPrinted() {
        assertThat(problems("turnout.health.headers = [ \"Authorization: Bearer t0ken\\u00e9\", \"s3cret\" ]"))
                .hasSize(2)
                .allMatch(problem -> !problem.contains("t0ken") && !problem.contains("s3cret"))
                .anyMatch(problem -> problem.contains("headers[0]: Authorization: ... (expected:"))
                .anyMatch(problem -> problem.contains("headers[1]: ... (expected:"));
        assertThat(problems("turnout.preview.secret = s3cret"))
                .singleElement()
                .asString()
                .contains("preview.secret: ... (expected:");
        Settings read = SettingsLoader.parse("turnout.health.headers = [ \"Authorization: Bearer t0ken\" ]", base)
                .settings();
        assertThat(read.blue().toString()).contains("Authorization: ...").doesNotContain("t0ken");
    }

    /** For those who may see that a file is wrong, and not what stands in it. */
    @Test
    void problemCanBeToldWithoutWhatStandsInTheFile() {
        assertThat(withoutValues("""
                        turnout {
                          wrokers = s3cret
                          workers = s3cret
                          webhooks = [ { url = "https://hooks.example/s3cret path" } ]
                          admin.bind = "s3cret"
                        }
                        """))
                .contains(
                        "configuration:2: turnout.wrokers: unknown key, did you mean workers?",
                        "configuration:3: turnout.workers (expected: 0..256)",
                        "configuration:4: turnout.webhooks[0].url (expected: an http or https address)")
                .hasSize(4)
                .noneMatch(problem -> problem.contains("s3cret"));
        assertThat(withoutValues("turnout {\n  preview.secret = \"s3cret\n}\n"))
                .containsExactly("configuration:2: cannot be read, the log says why");
        assertThat(catchThrowableOfType(
                                SettingsException.class, () -> SettingsLoader.load(Path.of("there", "is", "none.conf")))
                        .problems())
                .extracting(Problem::withoutValue)
                .containsExactly(Path.of("there", "is", "none.conf") + ": no such file");
    }

    private List<String> withoutValues(String hocon) {
        return catchThrowableOfType(SettingsException.class, () -> SettingsLoader.parse(hocon, base))
                .problems()
                .stream()
                .map(Problem::withoutValue)
                .toList();
    }

    @Test
    void settingThatDoesNothingIsAWarning() {
        LoadedSettings loaded = SettingsLoader.parse("""
                turnout {
                  pools.blue {
                    backends = [ "127.0.0.1:1", "127.0.0.1:2" ]
                    sticky-across-switch = on
                  }
                  pools.green.backends = [ "app.internal:80" ]
                  outlier-detection.success-rate = on
                }
                """, base);

        assertThat(loaded.warnings().stream().map(Problem::toString))
                .containsExactly(
                        "configuration:4: warning: turnout.pools.blue.sticky-across-switch: on"
                                + " (expected: sticky.enabled = on beside it, or nobody stays)",
                        "configuration:7: warning: turnout.outlier-detection.success-rate: on (expected:"
                                + " success-rate-backends of at most 2, as many as the pool has, or it ejects nobody)");
    }

    @Test
    void problemOfTheCommonHealthIsToldOnce() {
        assertThat(problems("turnout.health.rise = 0")).hasSize(1);
        assertThat(problems("turnout.health { rise = 0 }\nturnout.pools.blue.health.rise = 2"))
                .containsExactly("configuration:1: turnout.health.rise: 0 (expected: 1..100)");
    }

    private List<String> problems(String hocon) {
        SettingsException thrown =
                catchThrowableOfType(SettingsException.class, () -> SettingsLoader.parse(hocon, base));
        return thrown.problems().stream().map(Problem::toString).toList();
    }
}
