package dev.turnout.proxy.discovery;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.DnsSettings;
import dev.turnout.config.DnsSettings.Family;
import dev.turnout.proxy.discovery.DnsRecords.Srv;
import dev.turnout.proxy.routing.Found;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.resolver.dns.UnixResolverDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to one event loop. Asks name servers by Netty's resolver, over UDP, and over TCP where an answer is too long for that. */
final class DnsResolver implements NameResolver, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DnsResolver.class);

    /** Backends of one name; what is beyond is left out, the same each time. */
    static final int MOST_FOUND = 1000;

    /** Names of one set of SRV records that are looked up. */
    private static final int MOST_TARGETS = 200;

    private static final int DNS_PORT = 53;

    /** What the hosts file says holds until it is read again. */
    private static final long HOSTS_TTL = 3600;

    /** Immutable. Addresses of one host. */
    private record Addresses(List<String> all, long ttlSeconds) {}

    /**
     * Immutable. What the machine says of names.
     *
     * @param hosts lines of addresses and names, hosts(5)
     * @param resolvConf name servers and search domains, resolv.conf(5)
     */
    record Files(Path hosts, Path resolvConf) {
        static final Files OF_SYSTEM = new Files(Path.of("/etc/hosts"), Path.of("/etc/resolv.conf"));
    }

    private final Family family;
    private final File hosts;
    private final SearchDomains search;
    private final DnsNameResolver resolver;
    private final DnsQueries queries;

    DnsResolver(DnsSettings settings, EventLoop loop, Files files) {
        this.family = settings.family();
        this.hosts = files.hosts().toFile();
        this.search = SearchDomains.of(files.resolvConf());
        DnsServerAddressStreamProvider servers = servers(settings, files.resolvConf());
        this.resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(NioDatagramChannel.class)
                .socketChannelType(NioSocketChannel.class)
                // A port of its own for each question: an answer is harder to forge.
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .nameServerProvider(servers)
                .queryTimeoutMillis(settings.timeout().toMillis())
                .build();
        this.queries = new DnsQueries(servers, resolver::query);
    }

    private static DnsServerAddressStreamProvider servers(DnsSettings settings, Path resolvConf) {
        if (!settings.servers().isEmpty()) {
            return new SequentialDnsServerAddressStreamProvider(settings.servers().stream()
                    .map(BackendAddress::toSocketAddress)
                    .toArray(InetSocketAddress[]::new));
        }
        try {
            return new UnixResolverDnsServerAddressStreamProvider(resolvConf.toFile());
        } catch (IOException | IllegalArgumentException e) {
            // As resolv.conf(5) has it. Netty would ask a public server, which nobody has told it to.
            log.warn("{} names no name server, asking 127.0.0.1", resolvConf);
            return new SingletonDnsServerAddressStreamProvider(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS_PORT));
        }
    }

    @Override
    public CompletableFuture<Answer> look(BackendName name) {
        CompletableFuture<Answer> answer = name.isSrv()
                ? records(name.host(), DnsRecordType.SRV).thenCompose(this::follow)
                : addresses(name.host()).thenApply(found -> answer(name, found));
        return answer.exceptionally(LookupFailure::answer);
    }

    @Override
    public void close() {
        resolver.close();
    }

    private static Answer answer(BackendName name, Addresses addresses) {
        List<Found> found = addresses.all().stream()
                .limit(MOST_FOUND)
                .map(each -> new Found(new BackendAddress(each, name.port()), 1, 0, name.toString()))
                .toList();
        return found.isEmpty()
                ? new Answer.Absent("it has no address")
                : new Answer.Leads(found, addresses.ttlSeconds());
    }

    /** Looks the targets of SRV records up. One that does not exist is left out; one of which nobody knows fails it all. */
    private CompletableFuture<Answer> follow(List<DnsRecord> records) {
        List<Srv> services;
        long ttl;
        try {
            services = DnsRecords.services(records);
            ttl = DnsRecords.ttlSeconds(records);
        } finally {
            records.forEach(ReferenceCountUtil::release);
        }
        Map<String, CompletableFuture<Addresses>> targets = new LinkedHashMap<>();
        for (Srv each : services) {
            if (targets.size() < MOST_TARGETS && !targets.containsKey(each.target())) {
                // Whole, whether it ends with a dot or not.
                targets.put(
                        each.target(), addresses(each.target() + ".").exceptionallyCompose(DnsResolver::noneIfAbsent));
            }
        }
        return CompletableFuture.allOf(targets.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> answer(services, targets, ttl));
    }

    private static Answer answer(
            List<Srv> services, Map<String, CompletableFuture<Addresses>> targets, long ttlSeconds) {
        List<Found> found = new ArrayList<>();
        Set<BackendAddress> taken = new HashSet<>();
        long ttl = ttlSeconds;
        for (Srv each : services) {
            CompletableFuture<Addresses> looked = targets.get(each.target());
            if (looked == null) {
                continue;
            }
            Addresses addresses = looked.join();
            ttl = addresses.all().isEmpty() ? ttl : Math.min(ttl, addresses.ttlSeconds());
            for (String address : addresses.all()) {
                BackendAddress place = new BackendAddress(address, each.port());
                if (found.size() < MOST_FOUND && taken.add(place)) {
                    found.add(new Found(
                            place,
                            DnsRecords.weight(each, services),
                            each.priority(),
                            each.target() + ":" + each.port()));
                }
            }
        }
        return found.isEmpty() ? new Answer.Absent("its SRV records lead to no address") : new Answer.Leads(found, ttl);
    }

    private CompletableFuture<Addresses> addresses(String host) {
        List<String> written = inHosts(host);
        if (!written.isEmpty()) {
            return CompletableFuture.completedFuture(new Addresses(written, HOSTS_TTL));
        }
        return switch (family) {
            case IPV4 -> addresses(host, DnsRecordType.A);
            case IPV6 -> addresses(host, DnsRecordType.AAAA);
            case IPV4_FIRST -> first(host, DnsRecordType.A, DnsRecordType.AAAA);
            case IPV6_FIRST -> first(host, DnsRecordType.AAAA, DnsRecordType.A);
            case ALL -> both(host);
        };
    }

    /** The other family counts only if it is sure that there is none of the first, or a lost packet would replace every backend. */
    private CompletableFuture<Addresses> first(String host, DnsRecordType preferred, DnsRecordType other) {
        return addresses(host, preferred)
                .exceptionallyCompose(DnsResolver::noneIfAbsent)
                .thenCompose(found ->
                        found.all().isEmpty() ? addresses(host, other) : CompletableFuture.completedFuture(found));
    }

    private CompletableFuture<Addresses> both(String host) {
        CompletableFuture<Addresses> four =
                addresses(host, DnsRecordType.A).exceptionallyCompose(DnsResolver::noneIfAbsent);
        CompletableFuture<Addresses> six =
                addresses(host, DnsRecordType.AAAA).exceptionallyCompose(DnsResolver::noneIfAbsent);
        return four.thenCombine(six, (one, another) -> {
            List<String> all = new ArrayList<>(one.all());
            all.addAll(another.all());
            long ttl = one.all().isEmpty() || another.all().isEmpty()
                    ? Math.max(one.ttlSeconds(), another.ttlSeconds())
                    : Math.min(one.ttlSeconds(), another.ttlSeconds());
            return new Addresses(all, ttl);
        });
    }

    private CompletableFuture<Addresses> addresses(String host, DnsRecordType type) {
        return records(host, type).thenApply(records -> {
            try {
                return new Addresses(DnsRecords.addresses(records), DnsRecords.ttlSeconds(records));
            } finally {
                records.forEach(ReferenceCountUtil::release);
            }
        });
    }

    /** The addresses of that host in the hosts file, read anew, as it may have been edited. */
    private List<String> inHosts(String host) {
        String name = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
        HostsFileEntriesProvider entries =
                HostsFileEntriesProvider.parser().parseSilently(hosts, StandardCharsets.UTF_8);
        List<String> four = literals(entries.ipv4Entries().getOrDefault(name, List.of()));
        List<String> six = literals(entries.ipv6Entries().getOrDefault(name, List.of()));
        return switch (family) {
            case IPV4 -> four;
            case IPV6 -> six;
            case IPV4_FIRST -> four.isEmpty() ? six : four;
            case IPV6_FIRST -> six.isEmpty() ? four : six;
            case ALL -> Stream.concat(four.stream(), six.stream()).toList();
        };
    }

    private static List<String> literals(List<InetAddress> addresses) {
        return addresses.stream()
                .map(NetUtil::toAddressString)
                .distinct()
                .sorted()
                .toList();
    }

    /** In the first of the search domains that has any. Whoever gets them releases them. */
    private CompletableFuture<List<DnsRecord>> records(String host, DnsRecordType type) {
        CompletableFuture<List<DnsRecord>> found = null;
        for (String name : search.names(host)) {
            found = found == null
                    ? queries.records(name, type)
                    : found.exceptionallyCompose(failure -> LookupFailure.answer(failure) instanceof Answer.Absent
                            ? queries.records(name, type)
                            : CompletableFuture.failedFuture(failure));
        }
        return Objects.requireNonNull(found);
    }

    private static CompletableFuture<Addresses> noneIfAbsent(Throwable failure) {
        return LookupFailure.answer(failure) instanceof Answer.Absent
                ? CompletableFuture.completedFuture(new Addresses(List.of(), 0))
                : CompletableFuture.failedFuture(failure);
    }
}
