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
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.resolver.dns.UnixResolverDnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to one event loop. Asks name servers by Netty's resolver, over UDP, and over TCP where an answer is too long for that. */
final class DnsResolver implements NameResolver, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DnsResolver.class);

    /** Backends of one name; what is beyond is left out, the same each time. */
    static final int MOST_FOUND = 1000;

    /** Names of one set of SRV records that are looked up. */
    private static final int MOST_TARGETS = 200;

    private static final File RESOLV_CONF = new File("/etc/resolv.conf");
    private static final int DNS_PORT = 53;

    /** Immutable. Addresses of one host. */
    private record Addresses(List<String> all, long ttlSeconds) {}

    private final Family family;
    private final DnsNameResolver resolver;

    DnsResolver(DnsSettings settings, EventLoop loop) {
        this.family = settings.family();
        this.resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(NioDatagramChannel.class)
                .socketChannelType(NioSocketChannel.class)
                // A port of its own for each question: an answer is harder to forge.
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .nameServerProvider(servers(settings))
                .queryTimeoutMillis(settings.timeout().toMillis())
                .build();
    }

    private static DnsServerAddressStreamProvider servers(DnsSettings settings) {
        if (!settings.servers().isEmpty()) {
            return new SequentialDnsServerAddressStreamProvider(settings.servers().stream()
                    .map(BackendAddress::toSocketAddress)
                    .toArray(InetSocketAddress[]::new));
        }
        try {
            return new UnixResolverDnsServerAddressStreamProvider(RESOLV_CONF);
        } catch (IOException | IllegalArgumentException e) {
            // As resolv.conf(5) has it. Netty would ask a public server, which nobody has told it to.
            log.warn("{} names no name server, asking 127.0.0.1", RESOLV_CONF);
            return new SingletonDnsServerAddressStreamProvider(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS_PORT));
        }
    }

    @Override
    public CompletableFuture<Answer> look(BackendName name) {
        CompletableFuture<Answer> answer = name.isSrv()
                ? records(name.host(), DnsRecordType.SRV).thenCompose(this::follow)
                : addresses(name.host()).thenApply(found -> answer(name, found));
        return answer.exceptionally(DnsResolver::failure);
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
                targets.put(each.target(), addresses(each.target()).exceptionallyCompose(DnsResolver::noneIfAbsent));
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

    /** Whoever gets them releases them. */
    private CompletableFuture<List<DnsRecord>> records(String host, DnsRecordType type) {
        CompletableFuture<List<DnsRecord>> records = new CompletableFuture<>();
        try {
            resolver.resolveAll(new DefaultDnsQuestion(host, type)).addListener(done -> {
                if (done.isSuccess()) {
                    records.complete(cast(done.getNow()));
                } else {
                    records.completeExceptionally(done.cause());
                }
            });
        } catch (IllegalArgumentException e) {
            // A label of more than 63 characters, say.
            records.completeExceptionally(e);
        }
        return records;
    }

    @SuppressWarnings("unchecked")
    private static List<DnsRecord> cast(Object records) {
        return (List<DnsRecord>) records;
    }

    private static CompletableFuture<Addresses> noneIfAbsent(Throwable failure) {
        return failure(failure) instanceof Answer.Absent
                ? CompletableFuture.completedFuture(new Addresses(List.of(), 0))
                : CompletableFuture.failedFuture(failure);
    }

    private static Answer failure(Throwable failure) {
        String told = "";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsErrorCauseException error) {
                return error.getCode().equals(DnsResponseCode.NXDOMAIN)
                        ? new Answer.Absent("there is no such name (NXDOMAIN)")
                        : new Answer.Failed("the name server said "
                                + error.getCode().toString().toUpperCase(Locale.ROOT));
            }
            if (cause instanceof DnsNameResolverTimeoutException) {
                return new Answer.Failed("no name server answered");
            }
            if (cause instanceof UnknownHostException && cause.getCause() == null) {
                return new Answer.Absent("it has no such record");
            }
            told = String.valueOf(cause.getMessage());
        }
        return new Answer.Failed(told);
    }
}
