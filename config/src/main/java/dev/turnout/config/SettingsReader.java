package dev.turnout.config;

import com.typesafe.config.ConfigObject;
import dev.turnout.config.AccessLogSettings.Format;
import dev.turnout.config.DrainSettings.Handling;
import dev.turnout.config.Findings.Node;
import dev.turnout.config.ForwardingSettings.Fields;
import dev.turnout.config.ForwardingSettings.Traceparent;
import dev.turnout.config.HealthSettings.Kind;
import dev.turnout.config.HealthSettings.StatusRange;
import dev.turnout.config.HttpProbeSettings.Method;
import dev.turnout.config.Problem.Severity;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Confined to one thread. Which key makes which setting, and what each may be; reasons stand in reference.conf. */
final class SettingsReader {

    private static final Pattern PROBE_FIELD =
            Pattern.compile("(?i)(?!(?:host|connection|content-length|transfer-encoding|expect|upgrade|te|trailer):)"
                    + "[!#$%&'*+.^_`|~0-9a-z-]{1,100}: [\\x21-\\x7e](?:[\\x20-\\x7e]{0,998}[\\x21-\\x7e])?");
    private static final Pattern PROBE_TEXT = Pattern.compile("[\\x20-\\x7e]{0,200}");

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    private static final String BIND = "host:port or [v6]:port, port in 0..65535";
    private static final String ADDRESS = "host:port or [v6]:port, port in 1..65535, or the name of SRV records";
    private static final String BLOCK = "an IP address or address/prefix";
    /** Both are prime: they stand in for a size that could not be read. */
    private static final int SMALLEST_TABLE = 101;

    private static final int LARGEST_TABLE = 1_000_003;
    private static final long LARGEST_BODY = 1024 * GIB;
    private static final SocketBind NOWHERE = new SocketBind("localhost", 0);

    private final Findings findings;
    private final Path base;

    /** Resolves relative paths against {@code base}. */
    SettingsReader(Findings findings, Path base) {
        this.findings = findings;
        this.base = base;
    }

    /** Reads the whole configuration. What is wrong goes to the findings, and then the result must not be used. */
    Settings read(ConfigObject root) {
        Section turnout = Section.root(findings, root).section("turnout");
        Section health = turnout.section("health");
        Section pools = turnout.section("pools");
        Section outliers = turnout.section("outlier-detection");
        // For their problems: the pools ask them only for what they do not say themselves.
        health(health);
        OutlierReader.read(outliers);
        Section backendLimits = turnout.section("backend-limits");
        BackendLimits.read(backendLimits);
        Section warmUp = turnout.section("warm-up");
        WarmUpReader.read(warmUp);
        Common common = new Common(
                health,
                outliers,
                backendLimits,
                warmUp,
                StickyReader.read(turnout.section("sticky"), this::path),
                turnout.duration("slow-start", Duration.ZERO, Duration.ofHours(1)));
        PoolSettings blue = pool(pools.section(Colour.BLUE.label()), common, Set.of());
        PoolSettings green = pool(pools.section(Colour.GREEN.label()), common, keys(blue));
        LimitSettings limits = limits(turnout.section("limits"));
        Settings settings = new Settings(
                turnout.integer("workers", 0, 256),
                turnout.choice("transport", Transport.values(), Transport::label),
                listeners(turnout, limits),
                admin(turnout.section("admin")),
                turnout.section("state").text("file", "the path of a file", base, this::path),
                turnout.choice("active", Colour.values(), Colour::label),
                balancer(turnout),
                blue,
                green,
                DnsSettings.read(turnout.section("dns")),
                timeouts(turnout.section("timeouts")),
                limits,
                rateLimit(turnout.section("rate-limit")),
                retries(turnout.section("retries")),
                new ForwardingSettings(
                        turnout.texts("trusted-proxies", BLOCK, CidrBlock::parse),
                        turnout.choice("forwarding-fields", Fields.values(), Fields::label),
                        turnout.choice("traceparent", Traceparent.values(), Traceparent::label),
                        turnout.flag("via")),
                accessLog(turnout.section("access-log")),
                turnout.section("error-pages")
                        .optional("folder", "a folder that can be read", text -> readableFolder(path(text))),
                turnout.duration("switch-guard", Duration.ZERO, DAY),
                switchGate(turnout.section("switch-gate")),
                release(turnout),
                webhooks(turnout),
                drain(turnout.section("drain")));
        findings.sections().forEach(Section::reportUnknown);
        return settings;
    }

    private static GateSettings switchGate(Section section) {
        return new GateSettings(section.integer("min-healthy", 0, 100), section.integer("min-capacity", 0, 1000));
    }

    private List<ListenerSettings> listeners(Section turnout, LimitSettings limits) {
        List<ListenerSettings> listeners = new ArrayList<>();
        Set<SocketBind> taken = new HashSet<>();
        List<Node> elements = turnout.list("listeners");
        for (Node element : elements) {
            Section listener = Section.of(findings, element);
            SocketBind bind = listener.text("bind", BIND, NOWHERE, SocketBind::parse);
            if (bind.port() != 0 && !taken.add(bind)) {
                listener.report("bind", "each bind once", Severity.ERROR);
            }
            listeners.add(new ListenerSettings(
                    bind,
                    listener.has("max-body") ? listener.bytes("max-body", 0, LARGEST_BODY) : limits.body(),
                    listener.has("proxy-protocol-from")
                            ? listener.texts("proxy-protocol-from", BLOCK, CidrBlock::parse)
                            : List.of(),
                    listener.has("preview") && listener.flag("preview")));
        }
        if (elements.isEmpty()) {
            turnout.report("listeners", "at least one listener", Severity.ERROR);
        }
        return listeners;
    }

    private static BalancerSettings balancer(Section turnout) {
        BalancerKind kind = turnout.choice("balancer", BalancerKind.values(), BalancerKind::label);
        Section hash = turnout.section("hash");
        HashSettings.Key on = hash.choice("on", HashSettings.Key.values(), HashSettings.Key::label);
        String name = hash.text(
                "name", "the name of a field or cookie, or nothing", "", text -> text.isEmpty() ? text : token(text));
        int tableSize = hash.integer("table-size", SMALLEST_TABLE, LARGEST_TABLE);
        if (on.isNamed() && name.isEmpty()) {
            hash.clash("name", "on", "a name beside header and cookie", Severity.ERROR);
        }
        if (!HashSettings.isPrime(tableSize)) {
            hash.report("table-size", "a prime number, such as 4099 or 65537", Severity.ERROR);
            tableSize = SMALLEST_TABLE;
        }
        return new BalancerSettings(kind, new HashSettings(on, name, tableSize));
    }

    private static ReleaseSettings release(Section turnout) {
        Section preview = turnout.section("preview");
        return new ReleaseSettings(
                new PreviewSettings(
                        preview.secret(
                                "secret",
                                "16 to 200 visible characters, without ; and ,",
                                text -> checked(visible(text), text.matches("[^;,\"]{16,200}"))),
                        preview.text("header", "the name of a field", "x-a", SettingsReader::token),
                        preview.text("cookie", "the name of a cookie", "a", SettingsReader::token)),
                turnout.texts(
                        "asset-fallback",
                        "a path with * for any characters, from / or * on",
                        text -> checked(visible(text), text.matches("[/*].{0,199}"))));
    }

    private static DrainSettings drain(Section drain) {
        return new DrainSettings(
                drain.choice("websockets", Handling.values(), Handling::label),
                drain.choice("tunnels", Handling.values(), Handling::label),
                drain.choice("event-streams", Handling.values(), Handling::label),
                drain.integer("rate", 1, 100_000),
                drain.integer("jitter", 0, 100));
    }

    private List<WebhookSettings> webhooks(Section turnout) {
        List<WebhookSettings> webhooks = new ArrayList<>();
        for (Node element : turnout.list("webhooks")) {
            Section webhook = Section.of(findings, element);
            webhooks.add(new WebhookSettings(
                    webhook.text(
                            "url", "an http or https address", URI.create("http://localhost"), SettingsReader::url),
                    webhook.optional("secret-file", "a file that can be read", text -> readable(path(text))),
                    webhook.has("actions")
                            ? Set.copyOf(webhook.texts(
                                    "actions", "the name of an action, as in the history", SettingsReader::token))
                            : Set.of(),
                    webhook.has("timeout") ? webhook.duration("timeout", MILLI, DAY) : Duration.ofSeconds(5),
                    webhook.has("attempts") ? webhook.integer("attempts", 1, 100) : 8));
        }
        return webhooks;
    }

    private static URI url(String text) {
        URI url = URI.create(visible(text));
        String scheme = String.valueOf(url.getScheme());
        checked(text, url.getHost() != null && (scheme.equals("http") || scheme.equals("https")));
        checked(text, url.getPort() == -1 || (url.getPort() > 0 && url.getPort() < 65_536));
        return url;
    }

    private static String token(String text) {
        return checked(text, text.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"));
    }

    private AdminSettings admin(Section admin) {
        AdminSettings settings = new AdminSettings(
                admin.text("bind", BIND, NOWHERE, SocketBind::parse),
                admin.optional("token-file", "a file that can be read", text -> readable(path(text))),
                admin.texts("allowed-hosts", "a host name or IP address, without port", SettingsReader::host));
        if (!settings.bind().isLoopback() && !admin.has("token-file")) {
            admin.report("bind", "a loopback address, or a token-file beside it", Severity.ERROR);
        }
        return settings;
    }

    private PoolSettings pool(Section pool, Common common, Set<String> ofOtherPool) {
        String version =
                pool.text("version", "at most 100 characters", "", text -> checked(text, text.length() <= 100));
        Backends read = new Backends(new ArrayList<>(), new ArrayList<>(), new HashSet<>());
        for (Node element : pool.list("backends")) {
            backend(pool, element, read, ofOtherPool);
        }
        boolean someServe = read.listed().stream().anyMatch(backend -> backend.weight() > 0)
                || read.named().stream().anyMatch(named -> named.weight() > 0);
        if (!read.taken().isEmpty() && !someServe) {
            pool.report("backends", "a backend with a weight above 0", Severity.WARNING);
        }
        Section outliers = pool.section("outlier-detection", common.outliers());
        PoolSettings settings = new PoolSettings(
                version,
                read.listed(),
                read.named(),
                health(pool.section("health", common.health())),
                OutlierReader.read(outliers),
                BackendLimits.read(pool.section("backend-limits", common.limits())),
                common.sticky(),
                pool.flag("sticky-across-switch"),
                common.slowStart(),
                pool.choice("proxy-protocol", ProxyProtocol.values(), ProxyProtocol::label),
                WarmUpReader.readOfPool(pool.section("warm-up", common.warmUp())));
        warnOfNoEffect(pool, outliers, settings);
        return settings;
    }

    /** Settings that are good and do nothing. */
    private static void warnOfNoEffect(Section pool, Section outliers, PoolSettings settings) {
        int backends = settings.backends().size();
        OutlierSettings ejections = settings.outliers();
        boolean counted = backends > 0 && settings.names().isEmpty();
        if (ejections.successRate() && counted && backends < ejections.successRateBackends()) {
            outliers.clash(
                    "success-rate-backends",
                    "success-rate",
                    "success-rate-backends of at most " + backends + ", as many as the pool has, or it ejects nobody",
                    Severity.WARNING);
        }
        if (settings.stickyAcrossSwitch() && settings.sticky().isEmpty()) {
            pool.report("sticky-across-switch", "sticky.enabled = on beside it, or nobody stays", Severity.WARNING);
        }
    }

    private void backend(Section pool, Node element, Backends read, Set<String> ofOtherPool) {
        Node place = element;
        int weight = 1;
        boolean weighted = false;
        if (element.value() instanceof ConfigObject) {
            Section backend = Section.of(findings, element);
            place = backend.present("address");
            weighted = backend.has("weight");
            weight = weighted ? backend.integer("weight", 0, 100) : weight;
        }
        String key = place == null ? null : pool.attempt(place, ADDRESS, SettingsReader::backendKey);
        if (place == null || key == null) {
            return;
        }
        if (!read.taken().add(key)) {
            findings.report(place, "each address once in a pool", Severity.ERROR);
        } else if (ofOtherPool.contains(key)) {
            findings.report(place, "an address that is not in the other pool too", Severity.WARNING);
        }
        if (BackendName.isName(key)) {
            BackendName name = BackendName.parse(key);
            if (name.isSrv() && weighted) {
                findings.report(
                        place, "no weight beside the name of SRV records, which have their own", Severity.ERROR);
            }
            read.named().add(new NamedBackends(name, name.isSrv() ? 1 : weight));
        } else {
            read.listed().add(new BackendSettings(BackendAddress.parse(key), weight));
        }
    }

    /** One backend, or a name of some, in one spelling. */
    private static String backendKey(String text) {
        return BackendName.isName(text)
                ? BackendName.parse(text).toString()
                : BackendAddress.parse(text).toString();
    }

    /** Confined to one thread. Those of a pool, as far as they were read. */
    private record Backends(List<BackendSettings> listed, List<NamedBackends> named, Set<String> taken) {}

    /** Confined to one thread. What pools have in common, where they do not say otherwise. */
    private record Common(
            Section health,
            Section outliers,
            Section limits,
            Section warmUp,
            Optional<StickySettings> sticky,
            Duration slowStart) {}

    private static Set<String> keys(PoolSettings pool) {
        return Stream.concat(
                        pool.backends().stream()
                                .map(backend -> backend.address().toString()),
                        pool.names().stream().map(named -> named.name().toString()))
                .collect(Collectors.toSet());
    }

    private HealthSettings health(Section health) {
        HealthSettings settings = new HealthSettings(
                health.choice("kind", Kind.values(), Kind::label),
                health.duration("interval", Duration.ofMillis(10), DAY),
                health.duration("fast-interval", Duration.ofMillis(10), DAY),
                health.duration("timeout", MILLI, DAY),
                health.integer("rise", 1, 100),
                health.integer("fall", 1, 100),
                health.integer("port", 0, 65_535),
                httpProbe(health));
        if (settings.timeout().compareTo(settings.interval()) > 0) {
            health.clash("timeout", "interval", "a timeout of at most the interval", Severity.WARNING);
        }
        if (health.list("expected-status").isEmpty()) {
            health.report("expected-status", "at least one status code", Severity.ERROR);
        }
        if (settings.http().method() == Method.HEAD
                && !settings.http().bodyMatch().isEmpty()) {
            health.report("body-match", "nothing with method HEAD, whose answers have no body", Severity.ERROR);
        }
        return settings;
    }

    private static HttpProbeSettings httpProbe(Section health) {
        return new HttpProbeSettings(
                health.choice("method", Method.values(), Method::name),
                health.text("path", "/ and visible ASCII", "/", text -> checked(visible(text), text.startsWith("/"))),
                health.text("host", "a host name or host:port, or nothing", "", SettingsReader::visible),
                health.secretTexts(
                        "headers",
                        "\"Name: value\" in ASCII, and not Host, Connection or a field of a body",
                        HttpProbeSettings::named,
                        text -> checked(text, PROBE_FIELD.matcher(text).matches())),
                health.texts("expected-status", "a status code or range in 100..599", StatusRange::parse),
                health.text(
                        "body-match",
                        "at most 200 characters of ASCII, or nothing",
                        "",
                        text -> checked(text, PROBE_TEXT.matcher(text).matches())));
    }

    private static TimeoutSettings timeouts(Section timeouts) {
        return new TimeoutSettings(
                timeouts.duration("connect", MILLI, DAY),
                timeouts.duration("request-head", MILLI, DAY),
                timeouts.duration("response-head", MILLI, DAY),
                timeouts.duration("idle", MILLI, DAY),
                timeouts.duration("keep-alive", MILLI, DAY),
                timeouts.duration("backend-keep-alive", MILLI, DAY),
                timeouts.duration("tunnel", MILLI, DAY),
                timeouts.duration("drain", MILLI, DAY),
                timeouts.duration("shutdown-delay", Duration.ZERO, DAY),
                timeouts.duration("shutdown", MILLI, DAY));
    }

    private static LimitSettings limits(Section limits) {
        LimitSettings settings = new LimitSettings(
                (int) limits.bytes("request-line", 256, 64 * KIB),
                (int) limits.bytes("head", KIB, MIB),
                limits.integer("fields", 10, 10_000),
                limits.integer("connections", 1, 1_000_000),
                limits.integer("connections-per-address", 0, 1_000_000),
                limits.integer("requests-per-connection", 0, 1_000_000_000),
                limits.integer("in-flight", 1, 1_000_000),
                limits.bytes("body", 0, LARGEST_BODY),
                (int) limits.bytes("body-rate", 0, MIB),
                limits.integer("backend-idle", 0, 100_000),
                limits.integer("backend-idle-total", 0, 1_000_000),
                limits.bytes("direct-memory", 16 * MIB, 64 * GIB));
        if (settings.requestLine() > settings.head()) {
            limits.clash("request-line", "head", "a request-line of at most the head", Severity.ERROR);
        }
        return settings;
    }

    private static RateLimitSettings rateLimit(Section rateLimit) {
        return new RateLimitSettings(
                rateLimit.flag("enabled"),
                rateLimit.integer("requests-per-second", 1, 1_000_000),
                rateLimit.integer("burst", 1, 1_000_000));
    }

    private static RetrySettings retries(Section retries) {
        return new RetrySettings(
                retries.integer("attempts", 1, 10),
                retries.integer("budget-percent", 0, 100),
                retries.integer("budget-min", 0, 10_000),
                retries.duration("within", MILLI, DAY),
                (int) retries.bytes("body", 0, MIB),
                Set.copyOf(retries.texts("retry-on", "502, 503 or 504", SettingsReader::retryStatus)),
                retries.flag("non-idempotent"));
    }

    private static Integer retryStatus(String text) {
        return Integer.valueOf(checked(text, text.matches("50[234]")));
    }

    private AccessLogSettings accessLog(Section log) {
        Format format = log.choice("format", Format.values(), Format::label);
        Optional<AccessLogTemplate> template =
                log.optional("template", AccessLogTemplate.expected(), AccessLogTemplate::parse);
        if (format == Format.TEMPLATE && !log.has("template")) {
            log.report("format", "a template beside it", Severity.ERROR);
        }
        if (format != Format.TEMPLATE && log.has("template")) {
            log.clash("template", "format", "format = template beside it, or it is not looked at", Severity.WARNING);
        }
        return new AccessLogSettings(
                log.flag("enabled"),
                template.isEmpty() && format == Format.TEMPLATE ? Format.JSON : format,
                template,
                log.optional("file", "the path of a file", this::path));
    }

    private Path path(String text) {
        return base.resolve(checked(text, !text.isEmpty())).normalize();
    }

    private static Path readable(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IllegalArgumentException("not a file that can be read");
        }
        return file;
    }

    private static Path readableFolder(Path folder) {
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            throw new IllegalArgumentException("not a folder that can be read");
        }
        return folder;
    }

    private static String host(String text) {
        HostSyntax.check(text);
        return text;
    }

    /** What goes into a request must not end a line or a word of it. */
    private static String visible(String text) {
        return checked(text, text.chars().allMatch(c -> c > ' ' && c < 0x7f));
    }

    private static String checked(String text, boolean good) {
        if (!good) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }
}
